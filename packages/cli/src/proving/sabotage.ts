// Proves the provers: every check runs against a twin with the hole that must turn it red. Checks that share a hole share a twin.
import type { Observation } from "@holdfast/policy";
import { type Check, checkVersion, prove } from "@holdfast/probes";
import type { Terminal } from "../terminal.ts";
import { isWorthALine, seconds } from "./attack.ts";
import type { ProvingGround } from "./proving-ground.ts";

const TWINS_AT_ONCE = 5;
/**
 * A twin that came to no end is tried once more, when no other runs: on a busy machine some take too long. What was missed is not,
 * and where more came to no end than this, it is not the machine.
 */
const TRIED_AGAIN_MAX = 8;

export async function sabotage(
  ground: ProvingGround,
  checks: readonly Check[],
  terminal: Terminal,
): Promise<readonly Observation[]> {
  const startedAt = Date.now();
  const tried = new Map<string, Observation>();
  const groups = [...Map.groupBy(checks, (check) => check.sabotage.name).values()];
  const { alone, others } = Object.groupBy(groups, (group) => (needsQuiet(group) ? "alone" : "others"));
  const worker = async (queue: (readonly Check[])[]): Promise<void> => {
    for (let group = queue.shift(); group !== undefined; group = queue.shift()) {
      for (const observation of await sabotageGroup(ground, group)) {
        const isFirst = !tried.has(observation.check);
        tried.set(observation.check, observation);
        if (isFirst && isWorthALine(tried.size, checks.length)) {
          terminal.progress(`Sabotage: ${tried.size} of ${checks.length} checks tried on their broken twin`);
        }
        const { sabotage } = observation;
        if (sabotage?.result !== "caught")
          terminal.warn(
            `${observation.check} ${sabotage?.result === "missed" ? "did not catch" : "could not try"} its sabotage "${sabotage?.name}": ${observation.seen}`,
          );
      }
    }
  };
  const queue = (others ?? []).toSorted((a, b) => turnOf(a) - turnOf(b));
  await Promise.all(Array.from({ length: TWINS_AT_ONCE }, () => worker(queue)));
  await worker(alone ?? []);
  const unproven = groups.filter((group) => group.some(({ id }) => tried.get(id)?.sabotage?.result === "unproven"));
  if (unproven.length <= TRIED_AGAIN_MAX) await worker(unproven);
  const observations = [...tried.values()];
  const caught = observations.filter((observation) => observation.sabotage?.result === "caught").length;
  terminal.done(`${caught} of ${observations.length} sabotages were caught in ${seconds(Date.now() - startedAt)}`);
  return observations;
}

/**
 * Whether no other twin may run beside this one: it is measured, or its check wants to be alone (it cuts connections, fills a limit)
 * while its twin is only something in front of the sound deployment, which other twins stand in front of as well.
 */
export function needsQuiet(group: readonly Check[]): boolean {
  return group.some(
    ({ measuresTime, company, sabotage: { hole } }) =>
      measuresTime === true || (company === "alone" && ["twin", "pool", "database"].includes(hole.kind)),
  );
}

/** Where a policy is changed, a check waits up to ten seconds for what never comes: it begins first, and others go on beside it. */
const turnOf = ([first]: readonly Check[]): number => (first?.sabotage.hole.kind === "policy" ? 0 : 1);

async function sabotageGroup(ground: ProvingGround, group: readonly Check[]): Promise<readonly Observation[]> {
  const [first] = group;
  if (first === undefined) return [];
  const { name } = first.sabotage;
  const observations = await observeTwin(ground, first, group);
  return observations.map((observation) => ({
    ...observation,
    sabotage: { name, result: verdictOf(observation.result) },
  }));
}

async function observeTwin(
  ground: ProvingGround,
  first: Check,
  group: readonly Check[],
): Promise<readonly Observation[]> {
  const startedAt = Date.now();
  try {
    const twin = await ground.startTwin(first);
    try {
      return await prove({ target: twin.target, checks: group, stopsAtBreach: true });
    } finally {
      await twin.close();
    }
  } catch (error) {
    // A twin that cannot be built proves nothing about its checks; the others still can be tried.
    return group.map((check) => ({
      check: check.id,
      version: checkVersion(check.id),
      result: "unproven",
      looked: 0,
      seen: `The twin could not be run: ${error instanceof Error ? error.message : String(error)}`,
      startedAt,
      finishedAt: Date.now(),
      policyHash: ground.target.policyHash,
      target: ground.target.origin,
      transcript: [],
    }));
  }
}

function verdictOf(result: Observation["result"]): "caught" | "missed" | "unproven" {
  switch (result) {
    case "broken":
      return "caught";
    case "held":
      return "missed";
    case "unproven":
      return "unproven";
  }
}
