import { evaluate } from "@holdfast/policy";
import { fromAttackList } from "../attack-list.ts";
import { plantCanaries, tableName } from "../canary-rows.ts";
import type { Check } from "../check.ts";
import { databaseOf, describeOutcome, outcomeOf, quoteIdentifier, stolenConnection } from "../database-session.ts";
import { ANONYMOUS } from "../people.ts";
import { eachTable } from "../sabotages.ts";

/** Values that careless policies take for somebody. */
const MALFORMED = [
  "",
  "{}",
  "null",
  "not json",
  '{"sub":""}',
  '{"sub":null}',
  '{"sub":"%"}',
  '{"role":"service_role"}',
] as const;
const ROLES = ["anon", "authenticated"] as const;

export const rls02: Check = {
  ...fromAttackList("RLS-02"),
  title: "Rows are visible while the subject is unset, empty or malformed.",
  kind: "attack",
  layers: ["database"],
  events: [],
  company: "together",
  sabotage: {
    name: "open-without-claims",
    sentence: "A policy lets everybody in whose claims are not set.",
    hole: {
      kind: "sql",
      statements: (policy) => [
        ...eachTable(policy, (table) => `grant select on ${table} to anon, authenticated`),
        ...eachTable(
          policy,
          (table, key) =>
            `create policy ${quoteIdentifier(`probe_hole_${key}`)} on ${table} for select to anon, authenticated using (nullif(current_setting('request.jwt.claims', true), '') is null)`,
        ),
      ],
    },
  },
  run: async (session) => {
    databaseOf(session);
    const [alice, bob] = await Promise.all([session.people.alice(), session.people.bob()]);
    const canaries = await plantCanaries(session, [alice.id, bob.id]);
    const client = await stolenConnection(session);
    const now = Date.now();
    for (const [table, rows] of Object.entries(canaries.tables)) {
      const rule = session.policy.tables[table];
      // What anybody may see (for example what is published) is no secret.
      const secret = rows.filter(
        (row) =>
          !evaluate(
            session.policy,
            ANONYMOUS.subject,
            { kind: "table", table, operation: "select" },
            { row },
            { now, tables: canaries.tables },
          ).allowed,
      );
      if (!rule || secret.length === 0) continue;
      const ids = secret.map((row) => String(row[rule.primaryKey]));
      const text = `select 1 from ${tableName(rule)} where ${quoteIdentifier(rule.primaryKey)}::text = any ($1)`;
      for (const role of ROLES) {
        for (const claims of [undefined, ...MALFORMED]) {
          await client.query("begin");
          await client.query(`set local role ${role}`);
          if (claims !== undefined) await client.query("select set_config('request.jwt.claims', $1, true)", [claims]);
          const outcome = await outcomeOf(() => client.query(text, [ids]));
          await client.query("rollback");
          session.judge({
            request: `select canaries of "${table}" as ${role} with ${claims === undefined ? "no claims" : `claims ${JSON.stringify(claims)}`}`,
            expected: "no row, or an error",
            got: describeOutcome(outcome),
            held: outcome.kind === "error" || outcome.rowCount === 0,
          });
        }
      }
    }
    return await session.conclude("Without verified claims no canary row was visible.");
  },
};
