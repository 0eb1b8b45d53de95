// What no running deployment can be attacked with is attacked in the proving ground: the same code with the same policy, beside
// services of the prover's own. The evidence says where it comes from.
import type { Observation } from "@holdfast/policy";
import type { Check, Target } from "@holdfast/probes";
import type { Project } from "../project.ts";
import type { Terminal } from "../terminal.ts";
import { attack } from "./attack.ts";
import { openProvingGround, type ProvingGround } from "./proving-ground.ts";

const SENTENCE_MAX = 600;

export const needsPractice = ({ needs }: Check): boolean => needs === "practice";

/** Attacks the sound deployment of a proving ground. */
export async function practise(
  ground: ProvingGround,
  checks: readonly Check[],
  terminal: Terminal,
): Promise<readonly Observation[]> {
  return (await attack(ground.target, checks, terminal)).map((observation) => ({
    ...observation,
    target: `${observation.target} (proving ground)`,
    seen: `In the proving ground: ${observation.seen}`.slice(0, SENTENCE_MAX),
  }));
}

/** Attacks a deployment that runs, and in a proving ground of its project what needs one. */
export async function attackRunning(
  project: Project,
  target: Target,
  checks: readonly Check[],
  terminal: Terminal,
): Promise<readonly Observation[]> {
  const live = checks.filter((check) => !needsPractice(check));
  const observations = live.length === 0 ? [] : await attack(target, live, terminal);
  const practised = checks.filter(needsPractice);
  if (practised.length === 0) return observations;
  terminal.progress("Starting a proving ground for what needs a sign-in provider or a replica of the prover's …");
  const ground = await openProvingGround(project, terminal);
  try {
    return [...observations, ...(await practise(ground, practised, terminal))];
  } finally {
    await ground.close();
  }
}
