// Attacks row-level security in a restored copy. Nobody, a stranger and people whose rows are there ask for the rows that were
// restored; then canaries are planted, so that every table has rows to attack, and every action is tried on them.
import { randomUUID } from "node:crypto";
import { evaluate, type Policy, type Row, type Subject, subjectFromClaims, type TablePolicy } from "@holdfast/policy";
import { asSubject, DatabasePool, type DrillCopy, type VerifiedClaims } from "@holdfast/postgres";
import { attackTables, type RunAsSubject } from "@holdfast/probes";
import type { DrillStep } from "@holdfast/server";
import type pg from "pg";
import type { Inspection } from "./inspection.ts";

/** Rows read of each table: what decides about the others must be known whole. */
const ROWS_MAX = 20_000;
/** Rows of each table that are attacked. */
const ATTACKED_MAX = 200;
const PEOPLE_MAX = 3;
const TOKEN_SECONDS = 300;

interface Attacker {
  readonly subject: Subject;
  readonly claims: VerifiedClaims | null;
}

/** What of the deployment the attack needs. */
export type AttackInspection = Pick<Inspection, "policy" | "secret"> & {
  readonly database: Pick<Inspection["database"], "database" | "claimKey">;
};

/** Nothing may be looked at in the copy afterwards: it holds rows that were not restored. */
export async function attackCopy(
  copy: Pick<DrillCopy, "settings">,
  client: pg.Client,
  { policy, database, secret }: AttackInspection,
): Promise<DrillStep> {
  const role = { user: "holdfast_api", password: await secret("postgres-password-holdfast_api") };
  const pool = new DatabasePool(copy.settings(database.database, role), database.claimKey, { connectionsMax: 2 });
  const run: RunAsSubject = async (claims, text, values) => {
    const { rows, rowCount } = await asSubject(pool, claims as VerifiedClaims | null, { text, values: [...values] });
    return { rows: rows as readonly Record<string, unknown>[], rowCount };
  };
  const step = (result: DrillStep["result"], seen: string): DrillStep => ({ name: "attack", result, seen });
  try {
    const restored = await attackRestored(pool, client, policy);
    if (restored.fault !== undefined) return step("broken", restored.fault);
    const planted = await attackTables({ policy, administrator: client, asSubject: run, now: Date.now });
    const [fault] = planted.faults;
    if (fault !== undefined) return step("broken", `A row planted in the copy: ${fault}.`);
    const unseen = planted.untouched.filter((table) => !restored.looked.has(table));
    if (unseen.length > 0) return step("unproven", `There is no row to attack in ${unseen.join(", ")}.`);
    if (planted.refused === 0) return step("unproven", "The policy forbids nobody anything.");
    const skipped = restored.tooMany === undefined ? "" : ` ("${restored.tooMany}" has more than ${ROWS_MAX})`;
    return step(
      "held",
      `Of planted rows ${planted.refused} forbidden actions were refused and ${planted.allowed} allowed ones done; restored rows were asked for ${restored.times} times${skipped}: all as the policy says.`,
    );
  } finally {
    await pool.end();
  }
}

interface RestoredRows {
  readonly times: number;
  /** Tables of which restored rows were asked for. */
  readonly looked: ReadonlySet<string>;
  /** A table too large to be read whole: who may see restored rows can depend on what is in it. */
  readonly tooMany?: string;
  readonly fault?: string;
}

async function attackRestored(pool: DatabasePool, client: pg.Client, policy: Policy): Promise<RestoredRows> {
  const tables: Record<string, readonly Row[]> = {};
  const looked = new Set<string>();
  for (const [name, rule] of Object.entries(policy.tables)) {
    const rows = await readRows(client, rule);
    if (rows === undefined) return { times: 0, looked, tooMany: name };
    tables[name] = rows;
  }
  const attackers = await attackersOf(client, policy);
  let times = 0;
  for (const [table, rule] of Object.entries(policy.tables)) {
    const attacked = (tables[table] ?? []).slice(0, ATTACKED_MAX);
    if (attacked.length > 0) looked.add(table);
    for (const attacker of attackers) {
      const visible = await visibleKeys(pool, rule, attacker, attacked);
      for (const row of attacked) {
        times += 1;
        const action = { kind: "table", table, operation: "select" } as const;
        const { allowed } = evaluate(policy, attacker.subject, action, { row }, { now: Date.now(), tables });
        if (allowed === visible.has(String(row[rule.primaryKey]))) continue;
        const whom = attacker.subject.kind === "anonymous" ? "nobody in particular" : "somebody";
        const fault = `A row of "${table}" is ${allowed ? "refused to" : "shown to"} ${whom}, against the policy.`;
        return { times, looked, fault };
      }
    }
  }
  return { times, looked };
}

const nameOf = ({ schema, name }: TablePolicy): string => `"${schema}"."${name}"`;

/** Rows as the policy reads them; undefined when there are too many. Sealed values decide nothing, whatever they hold. */
async function readRows(client: pg.Client, rule: TablePolicy): Promise<readonly Row[] | undefined> {
  const { rows } = await client.query<{ row: Row }>(
    `select to_jsonb(t) as row from ${nameOf(rule)} t order by "${rule.primaryKey}" limit ${ROWS_MAX + 1}`,
  );
  return rows.length > ROWS_MAX ? undefined : rows.map(({ row }) => row);
}

async function attackersOf(client: pg.Client, policy: Policy): Promise<readonly Attacker[]> {
  const { rows } = await client.query<{ id: string }>(`select id from auth.users order by id limit ${PEOPLE_MAX}`);
  const person = (sub: string): Attacker => {
    const now = Math.floor(Date.now() / 1_000);
    const claims = {
      sub,
      role: "authenticated",
      aal: "aal1",
      session_id: randomUUID(),
      app_metadata: { roles: policy.identity.defaultRoles },
      iat: now,
      exp: now + TOKEN_SECONDS,
    };
    return { subject: subjectFromClaims(claims), claims };
  };
  return [
    { subject: subjectFromClaims(null), claims: null },
    person(randomUUID()),
    ...rows.map(({ id }) => person(id)),
  ];
}

async function visibleKeys(
  pool: DatabasePool,
  rule: TablePolicy,
  { claims }: Attacker,
  rows: readonly Row[],
): Promise<ReadonlySet<string>> {
  const key = `"${rule.primaryKey}"::text`;
  const text = `select ${key} as key from ${nameOf(rule)} where ${key} = any ($1)`;
  const asked = rows.map((row) => String(row[rule.primaryKey]));
  try {
    const found = await asSubject<{ key: string }>(pool, claims, { text, values: [asked] });
    return new Set(found.rows.map((row) => row.key));
  } catch (error) {
    if ((error as { code?: string }).code === "database/refused") return new Set(); // Not even the table: no row.
    throw error;
  }
}
