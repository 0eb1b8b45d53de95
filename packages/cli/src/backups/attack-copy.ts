// Attacks row-level security in a restored copy: nobody, a stranger and people whose rows are there each ask for every row, and
// must get exactly those that the policy, interpreted here and compiled there, gives them.
import { randomUUID } from "node:crypto";
import { evaluate, type Policy, type Row, type Subject, subjectFromClaims, type TablePolicy } from "@holdfast/policy";
import { asSubject, DatabasePool, type DrillCopy, type VerifiedClaims } from "@holdfast/postgres";
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

export async function attackCopy(copy: DrillCopy, client: pg.Client, inspection: Inspection): Promise<DrillStep> {
  const { policy, database, secret } = inspection;
  const tables: Record<string, readonly Row[]> = {};
  for (const [name, rule] of Object.entries(policy.tables)) {
    const rows = await readRows(client, rule);
    if (rows === undefined)
      return {
        name: "attack",
        result: "unproven",
        seen: `"${name}" has more than ${ROWS_MAX} rows: not compared row by row.`,
      };
    tables[name] = rows;
  }
  const attackers = await attackersOf(client, policy);
  const role = { user: "holdfast_api", password: await secret("postgres-password-holdfast_api") };
  const pool = new DatabasePool(copy.settings(database.database, role), database.claimKey, { connectionsMax: 2 });
  let looked = 0;
  try {
    for (const [table, rule] of Object.entries(policy.tables)) {
      const attacked = (tables[table] ?? []).slice(0, ATTACKED_MAX);
      for (const attacker of attackers) {
        const visible = await visibleKeys(pool, rule, attacker, attacked);
        for (const row of attacked) {
          looked += 1;
          const { allowed } = evaluate(
            policy,
            attacker.subject,
            { kind: "table", table, operation: "select" },
            { row },
            { now: Date.now(), tables },
          );
          if (allowed === visible.has(String(row[rule.primaryKey]))) continue;
          const seen = `A row of "${table}" is ${allowed ? "refused to" : "shown to"} ${attacker.subject.kind === "anonymous" ? "nobody in particular" : "somebody"}, against the policy.`;
          return { name: "attack", result: "broken", seen };
        }
      }
    }
  } finally {
    await pool.end();
  }
  if (looked === 0) return { name: "attack", result: "unproven", seen: "There is no row in any table to attack." };
  return {
    name: "attack",
    result: "held",
    seen: `${attackers.length} subjects asked for rows ${looked} times and got exactly what the policy gives them.`,
  };
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
