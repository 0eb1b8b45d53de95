import { createPublicKey, verify } from "node:crypto";
import { type BackupFacts, type DrillStatement, settledBackups } from "../backup-job.ts";
import type { Check } from "../check.ts";
import type { ProbeSession } from "../session.ts";

interface SignedDrill {
  readonly report: string;
  readonly signature: string;
}

const SECOND_MS = 1_000;
const MINUTE_SECONDS = 60;
const GRACE_SHARE = 0.1;
/** A backup may be late by a tenth of the interval, or by five minutes. */
const GRACE_SECONDS_MAX = 5 * MINUTE_SECONDS;

export const backupRestore: Check = {
  id: "backup-restore",
  title: "The newest backup is too old, or cannot be restored to what it was, and nobody notices.",
  kind: "observe",
  layers: ["database"],
  asvs: ["V14.2.4"],
  wstg: ["WSTG-CONF-04"],
  events: [],
  company: "together",
  sabotage: {
    name: "rotting-backups",
    sentence: "One bit of what lies in the backups' target turns over.",
    hole: {
      kind: "stored-backups",
      change: (name, content) => (name.includes("/piece-") ? flipped(content) : content),
    },
  },
  run: async (session) => {
    const facts = await settledBackups(session);
    const drill = facts.newestDrill;
    judgeAge(session, facts);
    session.judge({
      request: "read the restore drill of the newest backup",
      expected: "passed, for that backup",
      got: drill === null ? "none" : `${drill.result}, for ${drill.backup === facts.backups[0]?.id ? "it" : "another"}`,
      held: drill?.result === "passed" && drill.backup === facts.backups[0]?.id,
    });
    for (const { name, result, seen } of drill?.steps ?? [])
      session.judge({
        request: `restore: ${name}`,
        expected: "not broken",
        got: `${result}: ${seen}`,
        held: result !== "broken",
      });
    if (drill !== null) await judgeSignature(session, drill);
    const unseen = drill?.steps.filter(({ result }) => result === "unproven") ?? [];
    session.require(
      unseen.length === 0,
      `every step looked at something (${unseen.map(({ seen }) => seen).join(" ")})`,
    );
    return session.conclude(
      `Backup ${drill?.backup} was restored to a random moment in ${Math.round((drill?.recoveryTimeMs ?? 0) / SECOND_MS)} s; ${drill?.steps.length} steps looked at it, and the report is signed.`,
    );
  },
};

function judgeAge(session: ProbeSession, { backups, now }: BackupFacts): void {
  const wanted = session.policy.continuity.backups?.everySeconds ?? 0;
  const ageSeconds = (now - (backups[0]?.endedAt ?? 0)) / SECOND_MS;
  session.judge({
    request: "read the age of the newest backup",
    expected: `at most ${wanted} s`,
    got: backups[0] === undefined ? "no backup" : `${Math.round(ageSeconds)} s`,
    held: ageSeconds <= wanted + Math.min(GRACE_SECONDS_MAX, wanted * GRACE_SHARE) + MINUTE_SECONDS,
  });
}

/** The report is what was signed, by the key that is shown, and says what the status says. */
async function judgeSignature(session: ProbeSession, drill: DrillStatement): Promise<void> {
  const asked = { method: "GET", path: "/platform/v1/backups/drills", bearer: session.target.serviceKey };
  const page = (await session.positive("drills can be read", asked, 200)).json as {
    readonly drills: readonly SignedDrill[];
    readonly publicKey: string;
  };
  const signed = page.drills.find(({ report }) => (JSON.parse(report) as DrillStatement).id === drill.id);
  const isGenuine =
    signed !== undefined &&
    verify(null, Buffer.from(signed.report), createPublicKey(page.publicKey), Buffer.from(signed.signature, "base64"));
  session.judge({
    request: `verify the signature of drill ${drill.id}`,
    expected: "Ed25519, over the report",
    got: signed === undefined ? "no such report" : `${isGenuine ? "genuine" : "not genuine"} (${signed.signature})`,
    held: isGenuine,
  });
}

function flipped(content: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(content);
  const middle = Math.floor(copy.length / 2);
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
}
