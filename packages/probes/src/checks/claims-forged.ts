import { evaluate } from "@holdfast/policy";
import type pg from "pg";
import type { Account } from "../accounts.ts";
import { plantCanaries, tableName } from "../canary-rows.ts";
import type { Check } from "../check.ts";
import {
  databaseOf,
  describeOutcome,
  INVALID_AUTHORIZATION,
  outcomeOf,
  quoteIdentifier,
  stolenConnection,
} from "../database-session.ts";
import { ANONYMOUS } from "../people.ts";
import type { ProbeSession } from "../session.ts";

const CLAIMS = "request.jwt.claims";
const PROOF = "holdfast.proof";
const ALL_SETTINGS = `select current_setting('${CLAIMS}', true) as claims, current_setting('${PROOF}', true) as proof`;

export const claimsForged: Check = {
  id: "claims-forged",
  title: "Whoever can run a statement becomes somebody else by setting the claims.",
  kind: "attack",
  layers: ["database"],
  asvs: ["V8.4.1", "V9.1.1"],
  wstg: ["WSTG-ATHZ-04"],
  events: [],
  company: "together",
  sabotage: {
    name: "believes-any-claims",
    sentence: "The database believes whatever claims are set.",
    hole: {
      kind: "sql",
      statements: () => [
        `create or replace view holdfast.subject with (security_barrier) as select found.claims ->> 'sub' as scope,
           (found.claims ->> 'sub')::uuid as id
           from (select nullif(pg_catalog.current_setting('${CLAIMS}', true), '')::jsonb as claims) found`,
        `create or replace function holdfast.claims() returns jsonb language sql stable set search_path = ''
           as $$ select nullif(pg_catalog.current_setting('${CLAIMS}', true), '')::jsonb $$`,
        `create or replace function holdfast.subject_id() returns uuid language sql stable set search_path = ''
           as $$ select (holdfast.claims() ->> 'sub')::uuid $$`,
      ],
    },
  },
  run: async (session) => {
    const { asSubject } = databaseOf(session);
    const [alice, bob] = await Promise.all([session.people.alice(), session.people.bob()]);
    const { tables } = await plantCanaries(session, [alice.id, bob.id]);
    const secret = findSecret(session, alice, tables);
    session.require(secret !== null, "alice has a row that nobody else may see");
    if (!secret) return await session.conclude("");
    const own = await asSubject(alice.claims, secret.text, secret.values);
    session.require(own.rowCount === 1, "alice sees her row");
    // What an injection in bob's request can read of bob's own proof.
    const told = (await asSubject(bob.claims, ALL_SETTINGS, [])).rows[0] ?? {};
    const stolen = { claims: String(told["claims"] ?? ""), proof: String(told["proof"] ?? "") };
    const client = await stolenConnection(session);
    const forgeries: [string, string, string][] = [
      ["alice's claims, no proof", JSON.stringify(alice.claims), ""],
      [
        "alice's claims, a made-up proof",
        JSON.stringify(alice.claims),
        `k.1.${Date.now() + 60_000}.n.authenticated.${"0".repeat(64)}`,
      ],
      ["alice's claims, bob's proof", JSON.stringify(alice.claims), stolen.proof],
      ["bob's claims with alice's id, bob's proof", stolen.claims.replaceAll(bob.id, alice.id), stolen.proof],
      ["bob's own proof on another connection", stolen.claims, stolen.proof],
    ];
    for (const [name, claims, proof] of forgeries) {
      for (const role of ["authenticated", "anon"])
        await attemptForgery(session, client, { name, claims, proof, role, ...secret });
    }
    await injectInto(session, bob.claims, secret, alice.claims);
    return await session.conclude("Claims that were not made for this request, role and connection were refused.");
  },
};

interface Secret {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A select of one canary that alice may see and bob and the anonymous may not. */
function findSecret(
  session: ProbeSession,
  alice: Account,
  tables: Awaited<ReturnType<typeof plantCanaries>>["tables"],
): Secret | null {
  const now = Date.now();
  const sees = (subject: typeof ANONYMOUS.subject, table: string, row: (typeof tables)[string][number]) =>
    evaluate(session.policy, subject, { kind: "table", table, operation: "select" }, { row }, { now, tables }).allowed;
  for (const [table, rows] of Object.entries(tables)) {
    const rule = session.policy.tables[table];
    const stranger = { ...alice.subject, id: "00000000-0000-4000-8000-000000000000" };
    const row = rows.find(
      (candidate) =>
        sees(alice.subject, table, candidate) &&
        !sees(ANONYMOUS.subject, table, candidate) &&
        !sees(stranger, table, candidate),
    );
    if (rule && row)
      return {
        text: `select 1 from ${tableName(rule)} where ${quoteIdentifier(rule.primaryKey)} = $1`,
        values: [row[rule.primaryKey]],
      };
  }
  return null;
}

interface Forgery extends Secret {
  readonly name: string;
  readonly claims: string;
  readonly proof: string;
  readonly role: string;
}

async function attemptForgery(
  session: ProbeSession,
  client: pg.Client,
  { name, claims, proof, role, text, values }: Forgery,
): Promise<void> {
  await client.query("begin");
  await client.query(`set local role ${role}`);
  await client.query("select set_config($1, $2, true), set_config($3, $4, true)", [CLAIMS, claims, PROOF, proof]);
  const outcome = await outcomeOf(() => client.query(text, [...values]));
  await client.query("rollback");
  session.judge({
    request: `${name}, as ${role}`,
    expected: `refused with ${INVALID_AUTHORIZATION}`,
    got: describeOutcome(outcome),
    // Without any right on the table there is nothing to ask the claims about.
    held: outcome.kind === "error" && [INVALID_AUTHORIZATION, "42501"].includes(outcome.sqlstate),
  });
}

/** An injection inside bob's request, in the one statement that he controls: it sets claims and selects. */
async function injectInto(
  session: ProbeSession,
  bob: Readonly<Record<string, unknown>>,
  secret: Secret,
  victim: Readonly<Record<string, unknown>>,
): Promise<void> {
  const text = `with become as materialized (select set_config('${CLAIMS}', $2, true))
    select 1 from become, lateral (${secret.text} and (select true from become)) stolen`;
  const outcome = await outcomeOf(() =>
    databaseOf(session).asSubject(bob, text, [...secret.values, JSON.stringify(victim)]),
  );
  session.judge({
    request: "set alice's claims inside bob's request and select her row",
    expected: "no row, or an error",
    got: describeOutcome(outcome),
    held: outcome.kind === "error" || outcome.rowCount === 0,
  });
}
