import { setTimeout as wait } from "node:timers/promises";
import type { TablePolicy } from "@holdfast/policy";
import { type AuditProof, faultOf } from "../audit-proof.ts";
import { plantCanaries, tableName } from "../canary-rows.ts";
import type { Check } from "../check.ts";
import {
  administratorConnection,
  describeOutcome,
  INSUFFICIENT_PRIVILEGE,
  outcomeOf,
  quoteIdentifier,
  stolenConnection,
} from "../database-session.ts";
import { ProbeError } from "../probe-error.ts";
import type { ProbeSession } from "../session.ts";

interface Page {
  readonly entries: readonly { readonly action: string; readonly columns: readonly string[] | null }[];
}

interface Report {
  readonly intact: boolean;
  readonly size: number;
  readonly faults: readonly { readonly kind: string; readonly position: number }[];
}

const LOG = "holdfast_keeper.audit_leaves";
/** A change gets its place once no older transaction may commit; those of other checks are short. */
const POLL_MS = 200;
const POLLS_MAX = 10;

export const auditLog: Check = {
  id: "audit-log",
  title: "A row of an audited table is changed and no record is left, or the record can be changed.",
  kind: "attack",
  layers: ["database", "monitoring"],
  asvs: ["V16.3.2", "V16.4.2"],
  wstg: ["WSTG-CONF-02"],
  events: [],
  company: "together",
  sabotage: {
    name: "audit-triggers-off",
    sentence: "The triggers of audited tables are switched off.",
    hole: {
      kind: "sql",
      statements: (policy) =>
        audited(policy).map(([, rule]) => `alter table ${tableName(rule)} disable trigger holdfast_audit`),
    },
  },
  run: async (session) => {
    const tables = audited(session.policy);
    if (tables.length === 0) {
      throw new ProbeError(
        "probes/nothing-to-attack",
        "Expected an audited table, found none in the policy.",
        "Give a table `audited: true`.",
      );
    }
    const attackers = await session.people.everybody();
    const people = attackers.flatMap(({ subject }) => (subject.id === null ? [] : [subject.id])).slice(0, 1);
    const canaries = await plantCanaries(session, people);
    for (const [name, rule] of tables) await changeRow(session, name, rule, canaries.tables[name]?.[0]);
    await attackLog(session);
    await acceptNothing(session);
    const { json } = await session.positive(
      "the audit log can be verified",
      { method: "GET", path: "/platform/v1/audit/verify", bearer: session.target.serviceKey },
      200,
    );
    const { intact, size, faults } = json as Report;
    const [first] = faults;
    session.judge({
      request: "verify the whole audit log",
      expected: "intact",
      got: first === undefined ? `intact over ${size} changes` : `${first.kind} at ${first.position}`,
      held: intact,
    });
    return session.conclude(`Every change left its record, and ${size} records are what was committed and signed.`);
  },
};

function audited({ tables }: ProbeSession["policy"]): readonly (readonly [string, TablePolicy])[] {
  return Object.entries(tables).filter(([, { audited: isAudited }]) => isAudited === true);
}

/** An update as the one with every right in the application's tables, who would like to leave no trace. */
async function changeRow(
  session: ProbeSession,
  name: string,
  rule: TablePolicy,
  row: Readonly<Record<string, unknown>> | undefined,
): Promise<void> {
  const key = row?.[rule.primaryKey];
  session.require(typeof key === "string", `a row of ${name} is there to be changed`);
  const administrator = await administratorConnection(session);
  const column = quoteIdentifier(rule.primaryKey);
  await administrator.query("begin");
  await administrator.query("savepoint before");
  // Only a superuser may switch ordinary triggers off this way; anybody else attacks without it.
  const silenced = await outcomeOf(() => administrator.query("set local session_replication_role = replica"));
  if (silenced.kind === "error") await administrator.query("rollback to savepoint before");
  await administrator.query(`update ${tableName(rule)} set ${column} = ${column} where ${column}::text = $1`, [key]);
  await administrator.query("commit");
  const path = `/platform/v1/audit?table=${rule.schema}.${rule.name}&key=${String(key)}`;
  let found: Page["entries"] = [];
  for (let poll = 0; poll < POLLS_MAX && !found.some(({ action }) => action === "update"); poll += 1) {
    if (poll > 0) await wait(POLL_MS);
    const asked = { method: "GET", path, bearer: session.target.serviceKey } as const;
    found = ((await session.positive("the audit log can be read", asked, 200)).json as Page).entries;
  }
  session.judge({
    request: `update a row of ${name} as its owner, whom no trigger of the application binds`,
    expected: "a record of the row's insert and of its update",
    got: found.map(({ action }) => action).join(", ") || "no record",
    held: found.some(({ action }) => action === "update") && found.some(({ action }) => action === "insert"),
  });
  await proveRow(session, `${rule.schema}.${rule.name}`, String(key));
}

/** Asks for the row's proof and verifies it here. */
async function proveRow(session: ProbeSession, table: string, key: string): Promise<void> {
  const path = `/platform/v1/audit/proof?table=${table}&key=${key}`;
  const asked = { method: "GET", path, bearer: session.target.serviceKey } as const;
  const proof = (await session.positive("a row's changes can be proven", asked, 200)).json as AuditProof;
  const fault = faultOf(proof);
  session.judge({
    request: `verify the proof of that row of ${table} without the log's own code`,
    expected: "every leaf leads to the signed root",
    got: fault ?? `${proof.leaves.length} leaves do`,
    held: fault === undefined,
  });
}

/** As whoever put the database back and holds the service key, without a restore that was recorded. */
async function acceptNothing(session: ProbeSession): Promise<void> {
  const { status } = await session.ask({
    method: "POST",
    path: "/platform/v1/audit/restores",
    bearer: session.target.serviceKey,
    body: { reason: "nobody will look", record: "restored", person: "nobody@example.com" },
  });
  session.judge({
    request: "let the log go on as if a restore had been accepted, by the service key",
    expected: "refused: no person, no record",
    got: String(status),
    held: status === 403 || status === 422,
  });
}

/** As the application's login role, with every statement that could change what was recorded. */
async function attackLog(session: ProbeSession): Promise<void> {
  const client = await stolenConnection(session);
  for (const statement of [
    `select * from ${LOG}`,
    `update ${LOG} set entry = ''`,
    `delete from ${LOG}`,
    `truncate ${LOG}`,
    `insert into ${LOG} (entry) values ('')`,
    `alter table ${LOG} disable trigger all`,
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
