import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { refusalFor } from "../refusals.ts";
import { type RouteCell, routeCells } from "../route-matrix.ts";
import { withoutStep } from "../sabotages.ts";
import { describeAnswer, type ProbeSession } from "../session.ts";

/** Words with which the edge refuses by role; any other answer means that the decision let the request through. */
const DECISION_WORDS =
  /\b(?:sign-in-required|second-factor-required|access-refused|route-unknown|method-not-allowed|token-invalid)\b/u;
/** Requests under way at the same time. */
const LANES = 4;

export const az02: Check = {
  ...fromAttackList("AZ-02"),
  title: "Somebody reaches a route that the policy does not give to them (role × route, whole matrix).",
  kind: "attack",
  layers: ["edge"],
  events: ["edge.access-refused"],
  company: "together",
  sabotage: withoutStep("decision", "The gateway asks nobody whether a subject may use a route."),
  run: async (session) => {
    const attackers = [...(await session.people.everybody()), session.people.service()];
    const cells = routeCells(session.policy, attackers, Date.now());
    const refused = cells.filter((cell) => !cell.decision.allowed);
    const allowed = cells.filter((cell) => cell.decision.allowed);
    await inLanes(refused, (cell) => attack(session, cell));
    const wrong: string[] = [];
    await inLanes(allowed, async (cell) => {
      const fault = await admits(session, cell);
      if (fault) wrong.push(fault);
    });
    session.require(
      wrong.length === 0,
      `whom the policy allows is let in (${wrong.length} cells are not: ${wrong.slice(0, 3).join("; ")})`,
    );
    return await session.conclude(
      `${refused.length} forbidden cells of ${attackers.length} subjects × ${cells.length / attackers.length} routes refused; ${allowed.length} allowed ones are open.`,
    );
  },
};

async function attack(session: ProbeSession, { asked, decision, attacker }: RouteCell): Promise<void> {
  if (asked && !decision.allowed) await session.expectRefused(asked, refusalFor(decision.reason), attacker.name);
}

async function admits(session: ProbeSession, { asked, route, attacker }: RouteCell): Promise<string | null> {
  if (!asked) return null;
  const answer = await session.ask(asked);
  const said = describeAnswer(answer);
  return DECISION_WORDS.test(said) ? `${route} as ${attacker.name}: ${said}` : null;
}

async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
    }),
  );
}
