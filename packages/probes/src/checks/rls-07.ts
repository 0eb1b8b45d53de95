import { randomUUID } from "node:crypto";
import { evaluate, type Policy, type Row } from "@holdfast/policy";
import { errorWord } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import { plantCanaries, tableName } from "../canary-rows.ts";
import type { Check } from "../check.ts";
import { databaseOf, outcomeOf, quoteIdentifier, UNIQUE_VIOLATION, undone } from "../database-session.ts";
import { makeObject, objectRoutes } from "../object-routes.ts";
import { withoutRowSecurity } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";

export const rls07: Check = {
  ...fromAttackList("RLS-07"),
  title: "An error or a plan tells whether a row exists that must not be seen.",
  kind: "attack",
  layers: ["database", "api"],
  events: [],
  company: "together",
  sabotage: withoutRowSecurity,
  run: async (session) => {
    const [alice, bob] = await Promise.all([session.people.alice(), session.people.bob()]);
    for (const family of objectRoutes(session.policy)) {
      if (family.items.length === 0) continue;
      const { path, collection } = await makeObject(session, family, alice);
      for (const { method, body } of family.items) {
        const ask = (object: string) =>
          session.ask({
            method,
            path: object,
            bearer: bob.accessToken,
            ...(body ? { body: minimalChange(body) } : {}),
          });
        const foreign = await ask(path);
        const missing = await ask(`${collection}/${randomUUID()}`);
        session.judge({
          request: `${method} ${family.collection}/:id, for a foreign and for a missing object`,
          expected: `the same answer (${missing.status})`,
          got: `${foreign.status}${foreign.status >= 400 ? ` ${errorWord(foreign)}` : ""}`,
          held: foreign.status === missing.status && errorWord(foreign) === errorWord(missing),
        });
      }
    }
    if (session.target.database) await attackDatabase(session, alice.id, bob.claims, bob.id);
    return await session.conclude("A foreign object answers exactly as a missing one.");
  },
};

function minimalChange(schema: Readonly<Record<string, unknown>>): unknown {
  const [name] = Object.keys((schema["properties"] ?? {}) as object);
  return name === undefined ? {} : { [name]: "probe" };
}

/** Keys of rows that bob must not see: their existence must show neither in an insert nor in a plan. */
async function attackDatabase(
  session: ProbeSession,
  aliceId: string,
  claims: Readonly<Record<string, unknown>>,
  bobId: string,
): Promise<void> {
  const { asSubject } = databaseOf(session);
  const canaries = await plantCanaries(session, [aliceId]);
  for (const [table, rows] of Object.entries(canaries.tables)) {
    const rule = session.policy.tables[table];
    const row = rows[0];
    if (!rule || !row || visible(session.policy, table, row, bobId)) continue;
    const key = quoteIdentifier(rule.primaryKey);
    const direct = await outcomeOf(() =>
      asSubject(claims, `insert into ${tableName(rule)} (${key}) values ($1) ${undone}`, [row[rule.primaryKey]]),
    );
    const isOracle = direct.kind === "error" && direct.sqlstate === UNIQUE_VIOLATION;
    session.judge({
      request: `insert into "${table}" with the key of a row that must not be seen`,
      expected: "no word about the key",
      got: isOracle ? "the key exists" : "nothing told",
      held: !isOracle,
    });
    const plan = await outcomeOf(() =>
      asSubject(claims, `explain (format text, costs off) select 1 from ${tableName(rule)} where ${key} = $1`, [
        row[rule.primaryKey],
      ]),
    );
    const told = plan.kind === "rows" ? JSON.stringify(plan.rows) : "";
    session.judge({
      request: `explain a select on "${table}"`,
      expected: "a plan with the policy's filter, no row",
      got: told.includes("actual") ? "rows were counted" : "no row counted",
      held: !told.includes("actual"),
    });
  }
}

function visible(policy: Policy, table: string, row: Row, person: string): boolean {
  const subject = {
    id: person,
    kind: "person",
    roles: [...policy.identity.defaultRoles],
    assurance: "aal1",
    sessionId: null,
  } as const;
  return evaluate(
    policy,
    subject,
    { kind: "table", table, operation: "select" },
    { row },
    { now: Date.now(), tables: {} },
  ).allowed;
}
