// Canary rows: rows of two tenants in every table of the policy, mixed so that each condition is true for some and false for
// others. Planted by the administrator, read back as stored, removed at the end.
import { randomBytes, randomUUID } from "node:crypto";
import type { Condition, Policy, Row, Scalar, TablePolicy } from "@holdfast/policy";
import type pg from "pg";
import { type CheckedValues, checkedValues } from "./checked-values.ts";
import { administratorConnection, quoteIdentifier } from "./database-session.ts";
import { ProbeError } from "./probe-error.ts";
import type { ProbeSession } from "./session.ts";

/** Rows that are tried for each table; those that a constraint of the table refuses are left out. */
const CANARIES_PER_TABLE = 8;
const HOUR_MS = 3_600_000;

export interface Canaries {
  /** Rows by table, exactly as PostgreSQL holds them. */
  readonly tables: Readonly<Record<string, readonly Row[]>>;
}

export interface ForeignKey {
  readonly table: string;
  readonly column: string;
  /** Key of the policy's table, or `people` for the accounts' table. */
  readonly references: string;
}

/** Plants canaries for these people and removes them after the check, proving that they are gone. */
export async function plantCanaries(session: ProbeSession, people: readonly string[]): Promise<Canaries> {
  const administrator = await administratorConnection(session);
  const { policy } = session;
  const planted: Record<string, Row[]> = {};
  session.afterwards(() => removeCanaries(administrator, policy, planted));
  await plantRows({ administrator, policy, people, planted }, (refusal) => {
    throw refusal;
  });
  return { tables: planted };
}

/** Plants canaries and leaves them there. What no table takes is told, and the others are planted all the same. */
export async function plantRows(
  ground: Pick<Planting, "administrator" | "policy" | "people"> & { readonly planted: Record<string, Row[]> },
  onRefused: (refusal: ProbeError) => void,
): Promise<void> {
  const { administrator, policy, planted } = ground;
  const keys = await foreignKeys(administrator, policy);
  const checked = await checkedValues(administrator, policy);
  const order = plantingOrder(Object.keys(policy.tables), keys);
  for (const table of order) {
    const rows = await plantTable({ ...ground, table, keys, checked });
    if (rows instanceof ProbeError) onRefused(rows);
    else planted[table] = rows;
  }
  // A later table may have changed an earlier one by a trigger: what counts is what is stored now.
  for (const table of order) planted[table] = await readBack(administrator, policy, table, planted[table] ?? []);
}

interface Planting {
  readonly administrator: pg.Client;
  readonly policy: Policy;
  readonly table: string;
  readonly people: readonly string[];
  readonly planted: Readonly<Record<string, readonly Row[]>>;
  readonly keys: readonly ForeignKey[];
  readonly checked: CheckedValues;
}

async function plantTable(planting: Planting): Promise<Row[] | ProbeError> {
  const { administrator, policy, table } = planting;
  const rule = policy.tables[table];
  if (!rule) return [];
  const rows: Row[] = [];
  let refusal: unknown;
  for (let index = 0; index < CANARIES_PER_TABLE; index++) {
    const values = canaryValues(planting, rule, index);
    const columns = Object.keys(values);
    const text = `insert into ${tableName(rule)} (${columns.map(quoteIdentifier).join(", ")})
      values (${columns.map((_, at) => `$${at + 1}`).join(", ")}) returning to_jsonb(${quoteIdentifier(rule.name)}) as row`;
    try {
      const { rows: stored } = await administrator.query<{ row: Row }>(text, Object.values(values));
      rows.push(...stored.map(({ row }) => row));
    } catch (error) {
      // A constraint of the application's own, for example one membership per person and team: the next mixture may pass.
      refusal = error;
    }
  }
  if (rows.length > 0) return rows;
  return new ProbeError(
    "probes/canary-refused",
    `Expected to plant at least one row in "${table}", every mixture was refused: ${(refusal as Error | undefined)?.message ?? "no reason"}.`,
    "Does the table have constraints that the policy does not show?",
    refusal,
  );
}

/** The row number `index`: a different mixture of people, groups, constants and times for each. */
function canaryValues(planting: Planting, rule: TablePolicy, index: number): Record<string, unknown> {
  const { policy, table, people, planted, keys } = planting;
  const words = planting.checked.get(table);
  const facts = columnFacts(policy, table);
  const values: Record<string, unknown> = {
    [rule.primaryKey]: rule.columns[rule.primaryKey]?.type === "uuid" ? randomUUID() : undefined,
  };
  let turn = index;
  const pick = <T>(choices: readonly T[], step: number): T | undefined =>
    choices[(turn + step) % Math.max(1, choices.length)];
  for (const [column, { type, nullable, sealed }] of Object.entries(rule.columns)) {
    if (column === rule.primaryKey) continue;
    if (sealed !== undefined) {
      // Whoever attacks from outside has no key: bytes of the right form, which nobody opens.
      values[column] = sealedFiller();
      continue;
    }
    const key = keys.find((candidate) => candidate.table === table && candidate.column === column);
    const parents = key && key.references !== "people" ? (planted[key.references] ?? []) : [];
    if (facts.people.has(column) || key?.references === "people") values[column] = pick(people, 0);
    else if (parents.length > 0)
      values[column] = pick(parentChoices(policy, key, parents, nullable), Math.floor(index / 2));
    else if (facts.constants.has(column))
      values[column] = pick(
        constantChoices(facts.constants.get(column) ?? [], words?.get(column), type),
        Math.floor(index / 2),
      );
    else if (words?.has(column)) values[column] = pick(words.get(column) ?? [], index);
    else if (facts.times.has(column)) values[column] = pick(timeChoices(nullable), index);
    else values[column] = nullable ? undefined : filler(type);
    turn += 1;
  }
  // What is undefined is left to the table's default.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function parentChoices(
  policy: Policy,
  key: ForeignKey | undefined,
  parents: readonly Row[],
  nullable: boolean,
): (Scalar | null)[] {
  const primaryKey = policy.tables[key?.references ?? ""]?.primaryKey ?? "id";
  const ids = parents.map((parent) => parent[primaryKey] ?? null);
  return nullable ? [...ids.slice(0, 4), null] : ids;
}

/** What the policy asks for, and something else: another word that the table allows, its default, or just anything. */
function constantChoices(constants: readonly Scalar[], words: readonly string[] = [], type: string): unknown[] {
  const other = words.find((word) => !constants.includes(word));
  return other === undefined ? [...constants, undefined, filler(type)] : [...constants, other];
}

function timeChoices(nullable: boolean): (string | null)[] {
  const at = (offset: number): string => new Date(Date.now() + offset).toISOString();
  return [at(HOUR_MS), at(-HOUR_MS), ...(nullable ? [null] : [])];
}

const FILLERS: Readonly<Record<string, unknown>> = {
  text: "probe canary",
  integer: 1,
  bigint: 1,
  numeric: 1,
  boolean: false,
  jsonb: "{}",
  date: "2000-01-01",
};

/** What a sealed value begins with, and how long it is at least: the domain holdfast.sealed takes nothing else. */
const SEALED_START = [1, 1];
/** Where others have the id of their key. No key has this one, so a drill of a backup knows that nobody is to open it. */
export const NO_KEY_ID: Buffer = Buffer.alloc(20);
const SEALED_BYTES = 100;

const sealedFiller = (): Buffer => Buffer.from([...SEALED_START, ...NO_KEY_ID, ...randomBytes(SEALED_BYTES)]);

function filler(type: string): unknown {
  if (type === "uuid") return randomUUID();
  // Timestamps that no condition reads nearly always have a default; where they have none, the row is left out.
  return type === "timestamptz" ? new Date().toISOString() : FILLERS[type];
}

interface ColumnFacts {
  /** Columns that hold a person's id. */
  readonly people: ReadonlySet<string>;
  readonly constants: ReadonlyMap<string, readonly Scalar[]>;
  readonly times: ReadonlySet<string>;
}

/** What the policy's conditions reveal about the columns of a table. */
export function columnFacts(policy: Policy, table: string): ColumnFacts {
  const people = new Set<string>();
  const times = new Set<string>();
  const constants = new Map<string, Scalar[]>();
  const constant = (column: string, values: readonly Scalar[]) => {
    constants.set(column, [...new Set([...(constants.get(column) ?? []), ...values])]);
  };
  for (const [name, rule] of Object.entries(policy.tables)) {
    const floor = rule.within === undefined ? [] : [rule.within];
    for (const condition of [rule.select, rule.insert, rule.update, rule.delete, ...floor]) {
      walk(condition, (leaf) => {
        if (leaf.kind === "member" && leaf.table === table) {
          people.add(leaf.subject);
          if (leaf.where) constant(leaf.where.column, leaf.where.values);
          if (leaf.until) times.add(leaf.until);
        }
        if (name !== table || !("column" in leaf)) return;
        if (leaf.kind === "owner") people.add(leaf.column);
        if (leaf.kind === "time") times.add(leaf.column);
        const values = constantsIn(leaf);
        if (values.length > 0) constant(leaf.column, values);
      });
    }
  }
  return { people, constants, times };
}

/** Names every kind, so that none is forgotten: without its constants, no canary would make it true. */
function constantsIn(condition: Extract<Condition, { readonly column: string }>): readonly Scalar[] {
  switch (condition.kind) {
    case "compare":
      return [condition.value];
    case "oneOf":
      return condition.values;
    case "owner":
    case "isNull":
    case "time":
    case "member":
      return [];
  }
}

/** Visits every condition of a tree. */
function walk(condition: Condition, visit: (condition: Condition) => void): void {
  visit(condition);
  if (condition.kind === "all" || condition.kind === "any") for (const part of condition.of) walk(part, visit);
  if (condition.kind === "not") walk(condition.of, visit);
}

async function foreignKeys(administrator: pg.Client, policy: Policy): Promise<ForeignKey[]> {
  const { rows } = await administrator.query<{
    schema: string;
    name: string;
    column: string;
    of: string;
    references: string;
  }>(
    `select n.nspname as schema, c.relname as name, a.attname as column, rn.nspname as of, rc.relname as references
       from pg_catalog.pg_constraint k
       join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       join pg_catalog.pg_class rc on rc.oid = k.confrelid join pg_catalog.pg_namespace rn on rn.oid = rc.relnamespace
       join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
      where k.contype = 'f' and cardinality(k.conkey) = 1`,
  );
  const keyOf = (schema: string, name: string): string | undefined =>
    Object.entries(policy.tables).find(([, rule]) => rule.schema === schema && rule.name === name)?.[0];
  return rows.flatMap(({ schema, name, column, of, references }) => {
    const table = keyOf(schema, name);
    if (table === undefined) return [];
    const parent = of === "auth" && references === "users" ? "people" : keyOf(of, references);
    return parent === undefined ? [] : [{ table, column, references: parent }];
  });
}

/** Parents before children; tables in a circle come in the policy's order. */
export function plantingOrder(tables: readonly string[], keys: readonly ForeignKey[]): string[] {
  const ordered: string[] = [];
  const visiting = new Set<string>();
  const visit = (table: string): void => {
    if (ordered.includes(table) || visiting.has(table) || !tables.includes(table)) return;
    visiting.add(table);
    for (const key of keys) if (key.table === table) visit(key.references);
    ordered.push(table);
  };
  for (const table of tables) visit(table);
  return ordered;
}

async function readBack(administrator: pg.Client, policy: Policy, table: string, rows: readonly Row[]): Promise<Row[]> {
  const rule = policy.tables[table];
  if (!rule) return [];
  const { rows: stored } = await administrator.query<{ row: Row }>(
    `select to_jsonb(t) as row from ${tableName(rule)} t where t.${quoteIdentifier(rule.primaryKey)}::text = any ($1)`,
    [rows.map((row) => String(row[rule.primaryKey]))],
  );
  return stored.map(({ row }) => row);
}

async function removeCanaries(
  administrator: pg.Client,
  policy: Policy,
  planted: Readonly<Record<string, readonly Row[]>>,
): Promise<void> {
  for (const [table, rows] of Object.entries(planted).toReversed()) {
    const rule = policy.tables[table];
    if (!rule) continue;
    await administrator.query(
      `delete from ${tableName(rule)} where ${quoteIdentifier(rule.primaryKey)}::text = any ($1)`,
      [rows.map((row) => String(row[rule.primaryKey]))],
    );
    const left = await readBack(administrator, policy, table, rows);
    if (left.length > 0) {
      throw new ProbeError(
        "probes/left-behind",
        `Expected the canaries of "${table}" to be gone, found ${left.length}.`,
        "Delete them by hand.",
      );
    }
  }
}

/** The table's quoted, schema-qualified name. */
export function tableName(rule: TablePolicy): string {
  return `${quoteIdentifier(rule.schema)}.${quoteIdentifier(rule.name)}`;
}
