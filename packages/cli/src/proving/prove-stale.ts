// Attacks what has no fresh evidence, and tries the sabotage of checks whose sabotage is stale. Nothing to do on a warm start.

import { type Check, checks } from "@holdfast/probes";
import type { ControlList, StatusReasonCode } from "@holdfast/server/api";
import type { Opened } from "../deployment/open-up.ts";
import type { Terminal } from "../terminal.ts";
import { attack } from "./attack.ts";
import { postEvidence } from "./post-evidence.ts";
import { needsPractice, practise } from "./practise.ts";
import { openProvingGround } from "./proving-ground.ts";
import { sabotage } from "./sabotage.ts";

const needsAttack: readonly StatusReasonCode[] = [
  "never-ran",
  "stale",
  "other-version",
  "other-policy",
  "looked-at-nothing",
  "inconclusive",
  "from-the-future",
  "attack-succeeded",
];
const needsSabotage: readonly StatusReasonCode[] = [
  "sabotage-never-ran",
  "sabotage-not-caught",
  "sabotage-stale",
  "other-version",
  "other-policy",
];

/** Resolves with the sentence of the score. */
export async function proveStale(opened: Opened, terminal: Terminal, stop: AbortSignal): Promise<string> {
  const attacks = await staleChecks(opened, needsAttack);
  const live = attacks.filter((check) => !needsPractice(check));
  if (live.length > 0 && !stop.aborted) {
    await postEvidence(opened.client, await attack(opened.target, live, terminal));
  }
  const practised = attacks.filter(needsPractice);
  // Asked anew: only a check that has run says that its sabotage is missing.
  const isStale = practised.length > 0 || (await staleChecks(opened, needsSabotage)).length > 0;
  if (isStale && !stop.aborted) {
    terminal.progress("Preparing broken twins, to see that every check can turn red …");
    const ground = await openProvingGround(opened.project, terminal);
    try {
      if (practised.length > 0) await postEvidence(opened.client, await practise(ground, practised, terminal));
      const sabotages = await staleChecks(opened, needsSabotage);
      if (sabotages.length > 0 && !stop.aborted)
        await postEvidence(opened.client, await sabotage(ground, sabotages, terminal));
    } finally {
      await ground.close();
    }
  }
  return opened.sentence();
}

async function staleChecks(opened: Opened, codes: readonly StatusReasonCode[]): Promise<readonly Check[]> {
  const { controls } = await opened.client.get<ControlList>("/controls");
  const reasons = controls.flatMap((control) => control.reasons);
  const ids = new Set(reasons.filter((reason) => codes.includes(reason.code)).map((reason) => reason.check));
  return checks.filter((check) => ids.has(check.id));
}
