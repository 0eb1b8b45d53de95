import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { databaseOf, describeOutcome, outcomeOf, stolenConnection } from "../database-session.ts";

interface Verified {
  readonly intact: boolean;
  readonly events?: {
    readonly verified: number;
    readonly fault: { readonly kind: string; readonly seq: number } | null;
  };
  readonly evidence?: {
    readonly verified: number;
    readonly fault: { readonly kind: string; readonly seq: number } | null;
  };
}

const TABLES = ["platform.events", "platform.evidence"] as const;

export const log03: Check = {
  ...fromAttackList("LOG-03"),
  title: "Recorded events or evidence can be changed without anybody noticing.",
  kind: "attack",
  layers: ["monitoring", "database"],
  events: [],
  company: "together",
  sabotage: {
    name: "edited-events",
    sentence: "An administrator has edited the newest recorded event.",
    hole: {
      kind: "sql",
      statements: () => [TAMPER],
    },
  },
  run: async (session) => {
    databaseOf(session);
    // Something must be in the log that could have been changed.
    await session.ask({ method: "GET", path: "/auth/v1/user" });
    const answer = await session.positive(
      "the log can be verified",
      { method: "GET", path: "/platform/v1/events/verify", bearer: session.target.serviceKey },
      200,
    );
    const report = answer.json as Verified;
    for (const [what, chain] of [
      ["events", report.events],
      ["evidence", report.evidence],
    ] as const) {
      if (!chain) continue;
      session.judge({
        request: `verify the chain of ${what}`,
        expected: "intact",
        got: chain.fault ? `${chain.fault.kind} at ${chain.fault.seq}` : `intact over ${chain.verified} records`,
        held: chain.fault === null,
      });
    }
    session.require((report.events?.verified ?? 0) > 0, "the log holds an event");
    const client = await stolenConnection(session);
    for (const table of TABLES) {
      for (const statement of [
        `select * from ${table}`,
        `update ${table} set seq = seq`,
        `delete from ${table}`,
        `truncate ${table}`,
        `insert into ${table} default values`,
        `alter table ${table} disable trigger all`,
      ]) {
        await client.query("begin");
        const outcome = await outcomeOf(() => client.query(statement));
        await client.query("rollback");
        session.judge({
          request: `${statement}, as the application's role`,
          expected: "refused with 42501",
          got: describeOutcome(outcome),
          held: outcome.kind === "error" && ["42501", "42P01"].includes(outcome.sqlstate),
        });
      }
    }
    return await session.conclude("Both chains verify, and the application can neither read nor change them.");
  },
};

/** Changes one column of the newest record past every trigger, whatever the table's text columns are called. */
const TAMPER = `do $tamper$
  declare wanted text;
  begin
    select quote_ident(a.attname) into wanted from pg_catalog.pg_attribute a
      where a.attrelid = 'platform.events'::regclass and a.attnum > 0 and not a.attisdropped
        and a.atttypid in ('text'::regtype, 'jsonb'::regtype) and a.attname not in ('hash', 'previous_hash')
      order by a.attname in ('record', 'ocsf', 'content') desc, a.attnum limit 1;
    execute 'alter table platform.events disable trigger all';
    execute 'create or replace function platform.probe_tamper() returns trigger language plpgsql as $body$ begin return new; end $body$';
    execute format('update platform.events set %1$s = case when pg_typeof(%1$s)::text = ''jsonb'' then ''{"edited": true}'' else ''edited'' end where seq = (select max(seq) from platform.events)', wanted);
  end $tamper$`;
