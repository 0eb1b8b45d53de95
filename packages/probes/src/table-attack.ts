// Attacks the tables of a database that nobody else uses, such as a copy that was restored on trial: canary rows of two people who
// are new there, and every action on each of them by those two, by a stranger and by nobody. What was planted stays.
import { randomUUID } from "node:crypto";
import { type Policy, type Row, subjectFromClaims } from "@holdfast/policy";
import type pg from "pg";
import { plantRows } from "./canary-rows.ts";
import { describeOutcome, outcomeOf } from "./database-session.ts";
import type { Attacker } from "./people.ts";
import { succeeded, tableCells } from "./table-matrix.ts";
import type { RunAsSubject } from "./target.ts";

export interface AttackedGround {
  readonly policy: Policy;
  /** Plants; may do everything. */
  readonly administrator: pg.Client;
  readonly asSubject: RunAsSubject;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface TableAttack {
  /** What the policy forbids and was refused, and what it allows and was done. */
  readonly refused: number;
  readonly allowed: number;
  /** The first cells where PostgreSQL and the policy differ, as sentences. */
  readonly faults: readonly string[];
  /** Tables that took no canary: nothing was attacked there. */
  readonly untouched: readonly string[];
}

const FAULTS_MAX = 5;
const TOKEN_SECONDS = 300;
const MILLISECONDS = 1_000;

export async function attackTables({ policy, administrator, asSubject, now }: AttackedGround): Promise<TableAttack> {
  const people = [await newPerson(administrator), await newPerson(administrator)];
  const tables: Record<string, Row[]> = {};
  await plantRows({ administrator, policy, people, planted: tables }, () => undefined); // Named below by what it left out.
  const attackers = [
    { name: "nobody", subject: subjectFromClaims(null), claims: null },
    ...[randomUUID(), ...people].map((id, index) => personOf(id, index, policy, now())),
  ];
  const faults: string[] = [];
  const tried = { refused: 0, allowed: 0 };
  for (const cell of tableCells(policy, attackers, { tables }, now())) {
    const outcome = await outcomeOf(() => asSubject(cell.attacker.claims, cell.text, cell.values));
    tried[cell.allowed ? "allowed" : "refused"] += 1;
    if (succeeded(cell, outcome) === cell.allowed) continue;
    faults.push(
      `${cell.action} on "${cell.table}" as ${cell.attacker.name}: expected ${cell.allowed ? "to be done" : "a refusal"}, found ${describeOutcome(outcome)}`,
    );
    if (faults.length === FAULTS_MAX) break;
  }
  const untouched = Object.keys(policy.tables).filter((table) => (tables[table] ?? []).length === 0);
  return { ...tried, faults, untouched };
}

async function newPerson(administrator: pg.Client): Promise<string> {
  const id = randomUUID();
  await administrator.query(
    "insert into auth.users (id, email, created_at, updated_at) values ($1, $2, now(), now())",
    [id, `${id}@canary.invalid`],
  );
  return id;
}

function personOf(id: string, index: number, policy: Policy, now: number): Attacker {
  const iat = Math.floor(now / MILLISECONDS);
  const claims = {
    sub: id,
    role: "authenticated",
    aal: "aal1",
    session_id: randomUUID(),
    app_metadata: { roles: policy.identity.defaultRoles },
    iat,
    exp: iat + TOKEN_SECONDS,
  };
  return { name: index === 0 ? "a stranger" : `person ${index}`, subject: subjectFromClaims(claims), claims };
}
