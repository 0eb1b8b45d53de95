import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import {
  databaseOf,
  describeOutcome,
  INSUFFICIENT_PRIVILEGE,
  outcomeOf,
  stolenConnection,
} from "../database-session.ts";

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

/** Events that the check leaves in the log before it looks. */
const FRESH_EVENTS = 3;
const TABLES = ["platform.event", "platform.evidence"] as const;

export const log03: Check = {
  ...fromAttackList("LOG-03"),
  title: "Recorded events or evidence can be changed without anybody noticing.",
  kind: "attack",
  layers: ["monitoring", "database"],
  events: [],
  company: "together",
  sabotage: {
    name: "edited-events",
    sentence: "Events are edited behind the log's back.",
    hole: {
      kind: "sql",
      statements: () => TAMPER,
    },
  },
  run: async (session) => {
    databaseOf(session);
    // Something must be in the log that could have been changed.
    for (let count = 0; count < FRESH_EVENTS; count++) {
      const asked = await session.ask({ method: "GET", path: "/auth/v1/user" });
      session.require((await session.events.find(asked, "edge.access-refused")) !== null, "a refusal leaves an event");
    }
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
          held: outcome.kind === "error" && outcome.sqlstate === INSUFFICIENT_PRIVILEGE,
        });
      }
    }
    return await session.conclude("Both chains verify, and the application can neither read nor change them.");
  },
};

/** From the third record on, what is stored is not what was hashed: as if somebody had edited it. */
const TAMPER = [
  `create function platform.probe_hole() returns trigger language plpgsql set search_path = ''
     as $hole$ begin new.body := new.body || ' '; return new; end $hole$`,
  `create trigger probe_hole before insert on platform.event for each row when (new.seq > 2) execute function platform.probe_hole()`,
] as const;
