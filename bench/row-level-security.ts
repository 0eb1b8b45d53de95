// What the compiled policies cost: a select on a million rows under row level security, as a ratio to the best query that somebody
// would write by hand for the same rows, both in one run and in turn. The plan's own example is measured beside it.

import { compilePostgres } from "@holdfast/compile";
import { aal2, all, any, type Condition, defineSecurity, member, owner, type Policy, role } from "@holdfast/policy";
import { type ClaimKey, claimProof } from "@holdfast/postgres";
import { startTestCluster, testDatabaseAt } from "@holdfast/postgres/testing";
import type { Client } from "pg";
import { makeData, personId, ROWS } from "./row-level-security/data.ts";

export const name = "row level security";

/** One figure of a benchmark: a ratio, and what it ought to be. */
export interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly goal: string;
  readonly met: boolean;
}

const ROUNDS = 15;
const RATIO_MAX = 1.2;
/**
 * Whoever may read every row through a gate reads the primary key's index first and the table after it, in one process; by hand it is
 * the table alone, in as many processes as the machine has cores for. Twice as much for those few who read everything at once (the
 * roles of editors and administrators, counts and exports; an ordered page or a row by its key costs them nothing more) is the price
 * for several hundred times less for everybody else.
 */
const HOLDER_RATIO_MAX = 2;
/** Each measurement repeats its query until it has taken about this long. */
const MEASUREMENT_MS = 100;
const REPETITIONS_MAX = 400;
const PROOF_LIFETIME_MS = 600_000;
const SUBJECT = personId(42);

const inTeam = member({
  column: "team_id",
  table: "memberships",
  group: "team_id",
  subject: "user_id",
  until: "until",
});
const shared = member({ column: "id", table: "shares", group: "content_id", subject: "user_id", until: "until" });

/** By hand, for the subject $1. Sets as arrays: written as IN (SELECT …) the three-way case is many times slower. */
const teams =
  "team_id = ANY (ARRAY(SELECT team_id FROM memberships WHERE user_id = $1 AND (until IS NULL OR until > now())))";
const shares =
  "id = ANY (ARRAY(SELECT content_id FROM shares WHERE user_id = $1 AND (until IS NULL OR until > now())))";
const byRole =
  "(SELECT $1::uuid IS NOT NULL AND current_setting('request.jwt.claims')::jsonb #> '{app_metadata,roles}' ? 'editor')";

/** What a list asks for, and what a report asks for. */
const LIST = "SELECT id, title, status, created_at FROM content";
const COUNT = "SELECT count(*) AS rows, max(created_at) AS newest FROM content";

interface Case {
  readonly name: string;
  readonly select: Condition;
  readonly byHand: string;
  readonly query: typeof LIST | typeof COUNT;
}

const cases: readonly Case[] = [
  { name: "owner", select: owner("owner_id"), byHand: "owner_id = $1", query: LIST },
  { name: "membership", select: inTeam, byHand: teams, query: LIST },
  {
    name: "sharing",
    select: any(owner("owner_id"), inTeam, shared),
    byHand: `owner_id = $1 OR ${teams} OR ${shares}`,
    query: LIST,
  },
  { name: "role", select: any(role("editor"), all(role("admin"), aal2())), byHand: byRole, query: COUNT },
];

interface Laboratory {
  readonly client: Client;
  readonly key: ClaimKey;
  readonly backendPid: number;
  readonly report: (line: string) => void;
}

/** Makes the data, measures each case and the plan's example. Takes about three minutes. */
export async function run(report: (line: string) => void): Promise<readonly Figure[]> {
  const cluster = await startTestCluster({ shared_buffers: "512MB" });
  try {
    const database = await testDatabaseAt(cluster.address);
    const client = await database.administrator();
    const started = performance.now();
    await makeData(client);
    report(`${ROWS.toLocaleString("en")} rows made in ${seconds(performance.now() - started)}`);
    const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
    const laboratory = { client, key: database.prepared.claimKey, backendPid: rows[0].pid, report };
    const figures: Figure[] = [];
    for (const one of cases) figures.push(await measureCase(laboratory, one));
    figures.push(...(await measureMixed(laboratory)));
    await measurePlansExample(laboratory);
    await database.drop();
    return figures;
  } finally {
    await cluster.stop();
  }
}

async function measureCase(laboratory: Laboratory, one: Case): Promise<Figure> {
  await applyPolicy(laboratory, one.select);
  const { ratio, handMs, policyMs, rows } = await compare(laboratory, {
    query: one.query,
    byHand: one.byHand,
    role: "editor",
  });
  laboratory.report(
    `${one.name}: ${rows} rows, by hand ${milliseconds(handMs)}, under the policy ${milliseconds(policyMs)}`,
  );
  if (one.query === LIST) {
    const counted = await compare(laboratory, { query: COUNT, byHand: one.byHand, role: "editor" });
    laboratory.report(`  only counted: ${milliseconds(counted.handMs)} and ${milliseconds(counted.policyMs)}`);
  }
  return {
    figure: `${one.name}: policy / best by hand`,
    value: ratio,
    goal: `<= ${RATIO_MAX}`,
    met: ratio <= RATIO_MAX,
  };
}

/** A role beside row conditions in one `any`: for somebody who does not hold it, and for somebody who does. */
async function measureMixed(laboratory: Laboratory): Promise<Figure[]> {
  const { report } = laboratory;
  await applyPolicy(laboratory, any(owner("owner_id"), role("editor")));
  const own = await compare(laboratory, { query: LIST, byHand: "owner_id = $1", role: "reader" });
  const counted = await compare(laboratory, { query: COUNT, byHand: "owner_id = $1", role: "reader" });
  const everything = await compare(laboratory, { query: COUNT, byHand: "true", role: "editor" });
  report(`owner or role, without the role: ${described(own)}`);
  report(`  only counted: ${described(counted)}`);
  report(`owner or role, with the role: ${described(everything)}`);
  const { rows } = await laboratory.client.query("SELECT id FROM content WHERE owner_id = $1 LIMIT 1", [SUBJECT]);
  const one = `id = '${rows[0].id}'`;
  const more: readonly (Pick<Question, "filter" | "tail"> & { readonly what: string })[] = [
    { what: "the newest 20 rows", tail: "ORDER BY created_at DESC LIMIT 20" },
    { what: "a row by its key", filter: one },
  ];
  for (const { what, filter = "true", tail = "" } of more) {
    const question = { query: LIST, filter, tail } as const;
    const reader = await compare(laboratory, {
      ...question,
      byHand: `${filter} AND owner_id = $1`,
      role: "reader",
    });
    const editor = await compare(laboratory, { ...question, byHand: filter, role: "editor" });
    report(`  ${what}: without the role ${described(reader)}; with it ${described(editor)}`);
  }
  return [
    {
      figure: "owner or role, without the role: policy / best by hand",
      value: own.ratio,
      goal: `<= ${RATIO_MAX}`,
      met: own.ratio <= RATIO_MAX,
    },
    {
      figure: "owner or role, with the role, every row: policy / best by hand",
      value: everything.ratio,
      goal: `<= ${HOLDER_RATIO_MAX}`,
      met: everything.ratio <= HOLDER_RATIO_MAX,
    },
  ];
}

function described({ rows, handMs, policyMs }: Comparison): string {
  return `${rows} rows, by hand ${milliseconds(handMs)}, under the policy ${milliseconds(policyMs)}`;
}

/** `USING (owner_id = current_user_id())` with a function as one would write it: PL/pgSQL, VOLATILE by default. */
async function measurePlansExample(laboratory: Laboratory): Promise<void> {
  const { client, report } = laboratory;
  await applyPolicy(laboratory, owner("owner_id"));
  await client.query(`
    CREATE FUNCTION current_user_id() RETURNS uuid LANGUAGE plpgsql AS $$
      BEGIN RETURN (current_setting('request.jwt.claims')::json ->> 'sub')::uuid; END $$;
    GRANT EXECUTE ON FUNCTION current_user_id() TO authenticated;
    DROP POLICY holdfast_select ON content;
    CREATE POLICY content_access_policy ON content USING (owner_id = current_user_id()) WITH CHECK (owner_id = current_user_id())`);
  const { ratio, policyMs } = await compare(laboratory, {
    query: COUNT,
    byHand: "owner_id = $1",
    role: "reader",
    rounds: 5,
  });
  report(`the plan's example (owner): ${milliseconds(policyMs)}, ${Math.round(ratio).toLocaleString("en")} × by hand`);
}

async function applyPolicy({ client }: Laboratory, select: Condition): Promise<void> {
  await client.query(compilePostgres(policyWith(select)).text);
  await client.query("VACUUM ANALYZE");
}

function policyWith(select: Condition): Policy {
  const until = { type: "timestamptz", nullable: true } as const;
  return defineSecurity({
    application: { name: "bench", origin: "https://localhost:8443" },
    roles: { reader: {}, editor: { includes: ["reader"] }, admin: { includes: ["editor"], requires: "aal2" } },
    tables: {
      content: {
        columns: {
          id: "uuid",
          owner_id: "uuid",
          team_id: { type: "uuid", nullable: true },
          status: "text",
          title: "text",
          created_at: "timestamptz",
        },
        select: select as never,
      },
      memberships: { columns: { id: "uuid", team_id: "uuid", user_id: "uuid", role: "text", until } },
      shares: { columns: { id: "uuid", content_id: "uuid", user_id: "uuid", until } },
    },
  });
}

interface Comparison {
  readonly ratio: number;
  readonly handMs: number;
  readonly policyMs: number;
  readonly rows: string;
}

/** In turn, `rounds` times: as the administrator with the hand-written condition, as the subject with the policy's. */
interface Question {
  readonly query: typeof LIST | typeof COUNT;
  /** The condition for the subject $1. */
  readonly byHand: string;
  readonly role: string;
  /** What the application itself asks for under the policy. */
  readonly filter?: string;
  /** What stands after the condition on both sides. */
  readonly tail?: string;
  readonly rounds?: number;
}

async function compare(laboratory: Laboratory, question: Question): Promise<Comparison> {
  const { query, byHand, role: roleName, filter = "true", tail = "", rounds = ROUNDS } = question;
  const { client } = laboratory;
  const claims = JSON.stringify({
    sub: SUBJECT,
    role: "authenticated",
    aal: "aal1",
    app_metadata: { roles: [roleName] },
  });
  const hand = prepared(`${query} WHERE ${byHand} ${tail}`, byHand.includes("$1") ? [SUBJECT] : []);
  const policy = prepared(`${query} WHERE ${filter} ${tail}`, filter.includes("$1") ? [SUBJECT] : []);
  const times: { hand: number[]; policy: number[] } = { hand: [], policy: [] };
  let rows = "";
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    const measured: string[] = [];
    for (const side of ["hand", "policy"] as const) {
      await client.query("BEGIN");
      if (side === "policy") await become(laboratory, claims);
      else await client.query("SELECT set_config('request.jwt.claims', $1, true)", [claims]);
      const { ms, answer } = await measure(client, side === "hand" ? hand : policy);
      await client.query("COMMIT");
      if (round > 0) times[side].push(ms);
      measured.push(answer);
    }
    if (measured[0] !== measured[1]) throw new Error(`by hand and under the policy differ: ${measured.join(" and ")}`);
    rows = measured[0] as string;
  }
  // Neighbours in time are compared with each other: the load of the machine is then the same for both.
  const ratio = median(times.policy.map((ms, round) => ms / (times.hand[round] as number)));
  return { ratio, handMs: median(times.hand), policyMs: median(times.policy), rows };
}

let statements = 0;

/** Prepared on both sides, as `asSubject` does with a text that comes a second time. */
function prepared(text: string, values: string[]): Statement {
  statements += 1;
  return { name: `bench_${statements}`, text, values };
}

interface Statement {
  readonly name: string;
  readonly text: string;
  values: string[];
}

async function become({ client, key, backendPid }: Laboratory, claims: string): Promise<void> {
  const scope = {
    backendPid,
    role: "authenticated",
    subject: SUBJECT,
    session: "",
    expiresAt: Date.now() + PROOF_LIFETIME_MS,
  } as const;
  await client.query(
    "SELECT set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true), set_config('holdfast.proof', $2, true)",
    [claims, claimProof(key, claims, scope)],
  );
}

/** Milliseconds of one query: of as many as fit, the one that only a quarter beats. Slower ones waited for other programs. */
async function measure(client: Client, query: Statement): Promise<{ ms: number; answer: string }> {
  const each: number[] = [];
  let answer = "";
  const begun = performance.now();
  do {
    const started = performance.now();
    const { rows } = await client.query(query);
    each.push(performance.now() - started);
    answer = String(rows[0]?.rows ?? rows.length);
  } while (performance.now() - begun < MEASUREMENT_MS && each.length < REPETITIONS_MAX);
  return { ms: quantile(each, 0.25), answer };
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] as number;
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function milliseconds(value: number): string {
  return `${value.toPrecision(3)} ms`;
}

function seconds(value: number): string {
  return `${(value / 1000).toFixed(1)} s`;
}
