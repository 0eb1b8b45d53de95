import { fromAttackList } from "../attack-list.ts";
import { tableName } from "../canary-rows.ts";
import type { Check } from "../check.ts";
import { describeOutcome, INSUFFICIENT_PRIVILEGE, outcomeOf, stolenConnection } from "../database-session.ts";
import { eachTable } from "../sabotages.ts";

/** Refusals that mean "you may not", in their several classes. */
const REFUSED = [INSUFFICIENT_PRIVILEGE, "0A000", "0LP01"];

export const rls08: Check = {
  ...fromAttackList("RLS-08"),
  title: "The application's role reads files, runs programs, truncates, changes the schema or becomes another role.",
  kind: "attack",
  layers: ["database"],
  events: [],
  company: "together",
  sabotage: {
    name: "grants-too-much",
    sentence: "The request's role may truncate tables.",
    hole: {
      kind: "sql",
      statements: (policy) => eachTable(policy, (table) => `grant truncate on ${table} to authenticated`),
    },
  },
  run: async (session) => {
    const client = await stolenConnection(session);
    const { rows } = await client.query<{ fine: number }>("select 1 as fine");
    session.require(rows[0]?.fine === 1, "the stolen connection works");
    const table = Object.values(session.policy.tables)[0];
    session.require(table !== undefined, "the policy has a table");
    const name = table ? tableName(table) : "nothing";
    const statements = [
      `truncate ${name} cascade`,
      `alter table ${name} disable row level security`,
      `create policy probe on ${name} using (true)`,
      `drop table ${name}`,
      "create table public.probe_table (id int)",
      "create schema probe_schema",
      "create function public.probe_function() returns int language sql as 'select 1'",
      "create extension file_fdw",
      "select pg_read_file('postgresql.conf')",
      "select pg_ls_dir('.')",
      "select lo_import('/etc/hostname')",
      "copy (select 1) to '/tmp/probe'",
      "copy (select 1) to program 'true'",
      "select pg_reload_conf()",
      "select rolpassword from pg_catalog.pg_authid",
      "set role service_role",
      "set role holdfast_owner",
      "set session authorization postgres",
      "select * from auth.users",
      "select * from platform.event",
      "select * from holdfast_keeper.claim_keys",
    ];
    for (const role of [undefined, "authenticated"]) {
      for (const statement of statements) {
        await client.query("begin");
        if (role) await client.query(`set local role ${role}`);
        const outcome = await outcomeOf(() => client.query(statement));
        await client.query("rollback");
        session.judge({
          request: `${statement.replace(name, "a table")} as ${role ?? "the login role"}`,
          expected: "refused with 42501",
          got: describeOutcome(outcome),
          // An object that is not there cannot be refused: nothing was reached either.
          held: outcome.kind === "error" && [...REFUSED, "42P01", "3F000", "22023"].includes(outcome.sqlstate),
        });
      }
    }
    return await session.conclude(
      `${statements.length} statements beyond a request's needs were refused, with and without a request's role.`,
    );
  },
};
