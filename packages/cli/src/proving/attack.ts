// Runs checks against a target and tells how it goes: one line per breach, one sentence at the end.
import type { Observation } from "@holdfast/policy";
import { type Check, prove, type Target } from "@holdfast/probes";
import { count, type Terminal } from "../terminal.ts";

export async function attack(
  target: Target,
  checks: readonly Check[],
  terminal: Terminal,
): Promise<readonly Observation[]> {
  const startedAt = Date.now();
  const observations = await prove({
    target,
    checks,
    triesAgain: true,
    onProgress(progress) {
      switch (progress.kind) {
        case "started":
          return;
        case "finished":
          if (isWorthALine(progress.done, progress.of))
            terminal.progress(`Attacking: ${progress.done} of ${progress.of} checks`);
          if (progress.observation.result !== "held") terminal.warn(sentenceOf(progress.observation));
          return;
        case "left-behind":
          terminal.warn(progress.sentence);
          return;
      }
    },
  });
  const attempts = observations.reduce((sum, observation) => sum + observation.looked, 0);
  terminal.done(
    `${count(observations.length, "check")} made ${count(attempts, "attempt")} in ${seconds(Date.now() - startedAt)}`,
  );
  return observations;
}

export function sentenceOf(observation: Observation): string {
  return `${observation.check} ${observation.result}: ${observation.seen}`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

const LINES_OF_PROGRESS = 10;

/** Every tenth of the way: enough to see that it goes on, and no flood where each progress is a line. */
export function isWorthALine(done: number, of: number): boolean {
  return done === of || done % Math.ceil(of / LINES_OF_PROGRESS) === 0;
}
