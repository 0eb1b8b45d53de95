// What checks of backups share: a deployment whose newest backup has had its drill, made now where there is none, or where the last
// one had nothing to look at.
import { setTimeout as wait } from "node:timers/promises";
import { ProbeError } from "./probe-error.ts";
import type { ProbeSession } from "./session.ts";

export interface DrillStatement {
  readonly id: string;
  readonly backup: string;
  readonly result: "passed" | "failed";
  readonly restoredTo: number | null;
  readonly recoveryPointMs: number | null;
  readonly recoveryTimeMs: number | null;
  readonly finishedAt: number;
  readonly steps: readonly { readonly name: string; readonly result: string; readonly seen: string }[];
}

export interface BackupFacts {
  readonly on: boolean;
  readonly refusal: string | null;
  readonly now: number;
  readonly running: object | null;
  readonly archive: { readonly running: boolean; readonly reachesTo: number | null; readonly problem: string | null };
  readonly backups: readonly { readonly id: string; readonly state: string; readonly endedAt: number | null }[];
  readonly jobs: { readonly ended: number; readonly proven: number };
  readonly newestDrill: DrillStatement | null;
}

const PATH = "/platform/v1/backups";
const POLL_MS = 200;
const JOB_TIMEOUT_MS = 120_000;

/** The backups of the deployment when no job is under way; a job is run first where the newest backup is not proven. */
export async function settledBackups(session: ProbeSession): Promise<BackupFacts> {
  const first = await untilIdle(session);
  if (!first.on) {
    throw new ProbeError(
      "probes/nothing-to-attack",
      `Expected a deployment that makes backups, found one that makes none${first.refusal === null ? "" : `: ${first.refusal}`}.`,
      "Ask for them in the policy: continuity.backups.",
    );
  }
  const isSeen = first.newestDrill?.steps.every(({ result }) => result !== "unproven") ?? false;
  if (first.backups[0]?.state === "proven" && isSeen) return first;
  const bearer = session.target.serviceKey;
  // 409: another check has begun one just now, and it is waited for all the same.
  await session.positive("a backup can be made", { method: "POST", path: PATH, bearer }, [202, 409]);
  return untilIdle(session);
}

async function untilIdle(session: ProbeSession): Promise<BackupFacts> {
  const asked = { method: "GET", path: PATH, bearer: session.target.serviceKey };
  for (const end = Date.now() + JOB_TIMEOUT_MS; Date.now() < end; ) {
    const facts = (await session.positive("backups can be read", asked, 200)).json as BackupFacts;
    if (facts.running === null) return facts;
    await wait(POLL_MS);
  }
  throw new ProbeError(
    "probes/positive-failed",
    "Expected the backup to end within two minutes; it goes on.",
    "Is the target slow?",
  );
}
