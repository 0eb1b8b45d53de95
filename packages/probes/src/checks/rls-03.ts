import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { stolenConnection } from "../database-session.ts";
import { eachTable } from "../sabotages.ts";

interface TableFacts {
  readonly enabled: boolean;
  readonly forced: boolean;
  readonly owned: boolean;
}

export const rls03: Check = {
  ...fromAttackList("RLS-03"),
  title: "The application's role owns its tables, bypasses row-level security, or the tables do not force it.",
  kind: "observe",
  layers: ["database"],
  events: [],
  company: "together",
  sabotage: {
    name: "row-security-not-forced",
    sentence: "Row-level security does not bind the tables' owner.",
    hole: {
      kind: "sql",
      statements: (policy) => eachTable(policy, (table) => `alter table ${table} no force row level security`),
    },
  },
  run: async (session) => {
    const client = await stolenConnection(session);
    const { rows: roles } = await client.query<{ name: string; powerful: boolean }>(
      `select rolname as name, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication as powerful
         from pg_catalog.pg_roles where pg_catalog.pg_has_role(current_user, oid, 'member')`,
    );
    session.require(roles.length > 0, "the application's role can be read");
    for (const { name, powerful } of roles) {
      session.judge({
        request: `read the powers of ${name}, which the application can become`,
        expected: "no superuser, BYPASSRLS, CREATEROLE, CREATEDB or REPLICATION",
        got: powerful ? "one of them" : "none",
        held: !powerful,
      });
    }
    for (const [table, rule] of Object.entries(session.policy.tables)) {
      const { rows } = await client.query<TableFacts>(
        `select relrowsecurity as enabled, relforcerowsecurity as forced, pg_catalog.pg_has_role(current_user, relowner, 'member') as owned
           from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          where n.nspname = $1 and c.relname = $2`,
        [rule.schema, rule.name],
      );
      const facts = rows[0];
      session.judge({
        request: `read row-level security of "${table}"`,
        expected: "enabled, forced, not owned by the application",
        got: facts
          ? `${facts.enabled ? "enabled" : "off"}, ${facts.forced ? "forced" : "not forced"}, ${facts.owned ? "owned" : "not owned"}`
          : "no such table",
        held: facts?.enabled === true && facts.forced && !facts.owned,
      });
    }
    return await session.conclude(
      `Row-level security is forced on ${Object.keys(session.policy.tables).length} tables; ${roles.length} roles within reach have no power over it.`,
    );
  },
};
