import { fromAttackList } from "../attack-list.ts";
import { plantCanaries } from "../canary-rows.ts";
import type { Check } from "../check.ts";
import { databaseOf, describeOutcome, outcomeOf } from "../database-session.ts";
import type { Attacker } from "../people.ts";
import { withoutRowSecurity } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";
import { succeeded, type TableCell, tableCells } from "../table-matrix.ts";

export const rls01: Check = {
  ...fromAttackList("RLS-01"),
  title:
    "A subject selects, inserts, updates or deletes a row that the policy does not give to it (table × action × role, whole matrix).",
  kind: "attack",
  layers: ["database"],
  events: [],
  company: "together",
  sabotage: withoutRowSecurity,
  run: async (session) => {
    databaseOf(session);
    const attackers = await session.people.everybody();
    const canaries = await plantCanaries(session, tenantsOf(attackers));
    const cells = tableCells(session.policy, attackers, canaries, Date.now());
    const wrong: string[] = [];
    for (const cell of cells) {
      const fault = await tryCell(session, cell);
      if (fault) wrong.push(fault);
    }
    session.require(
      wrong.length === 0,
      `PostgreSQL allows what the policy allows (${wrong.length} cells are refused: ${wrong.slice(0, 3).join("; ")})`,
    );
    const forbidden = cells.filter((cell) => !cell.allowed).length;
    session.require(
      forbidden > 0 && forbidden < cells.length,
      "the canaries are allowed for some and forbidden for others",
    );
    return await session.conclude(
      `${forbidden} forbidden cells of ${Object.keys(canaries.tables).length} tables × 4 actions × ${attackers.length} subjects refused; ${cells.length - forbidden} allowed ones work.`,
    );
  },
};

/** The first people with an account: the tenants whose rows are planted. */
function tenantsOf(attackers: readonly Attacker[]): string[] {
  return attackers.flatMap(({ subject }) => (subject.id === null ? [] : [subject.id])).slice(0, 3);
}

/** Forbidden cells are judged; an allowed cell that is refused is told, since it is no breach. */
async function tryCell(session: ProbeSession, cell: TableCell): Promise<string | null> {
  const outcome = await outcomeOf(() => databaseOf(session).asSubject(cell.attacker.claims, cell.text, cell.values));
  const done = succeeded(cell, outcome);
  const what = `${cell.action} on "${cell.table}" as ${cell.attacker.name}`;
  if (cell.allowed) return done ? null : `${what}: ${describeOutcome(outcome)}`;
  session.judge({
    request: what,
    expected: "no row, or SQLSTATE 42501",
    got: done ? "done" : describeOutcome(outcome),
    held: !done,
  });
  return null;
}
