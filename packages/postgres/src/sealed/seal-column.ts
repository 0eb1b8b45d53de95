// Seals a column that holds plain values, while the application goes on: a second column beside it is filled in batches, a
// trigger empties it where the application writes meanwhile, and one short lock puts it in the other's place. Where it stands
// is in the catalog, so that it goes on after a crash at any point.
import type pg from "pg";
import { DatabaseError } from "../error.ts";
import { refuseFewValues } from "./few-values.ts";
import { columnPath, dataClassOf } from "./sealed-column.ts";
import {
  behindTheScenes,
  count,
  indexRow,
  keyType,
  type PlainRow,
  quoted,
  type SealedTable,
  sealRow,
  tableOf,
} from "./sealed-table.ts";
import { keepPace, type WorkPace } from "./work-pace.ts";

export interface SealReport {
  /** False: it was sealed already. */
  readonly changed: boolean;
  readonly sealed: number;
  /** The table was written anew, so that its files hold no plain value any more. */
  readonly rewritten: boolean;
}

export interface SealOptions {
  readonly pace: WorkPace;
  /** Statements that give clients their rights on the new column; run with the exchange. */
  readonly grants: readonly string[];
  /** Writes the table anew at the end, under a lock that lasts as long as that takes. */
  readonly rewrites: boolean;
}

/** So many rows may be left to seal under the lock. */
const LAST_ROWS_MAX = 500;
const LOCK_TIMEOUT = "1s";
const LOCK_TRIES_MAX = 30;
const LOCK_WAIT_MS = 500;
const SCHEMA = "holdfast_sealing";
const LOCK_NOT_AVAILABLE = "55P03";

/** @throws DatabaseError `database/sealed-unbound` when the column cannot be sealed as it is */
export async function sealColumn(table: SealedTable, options: SealOptions): Promise<SealReport> {
  const { client } = table;
  await behindTheScenes(client);
  const names = namesOf(table);
  const state = await stateOf(table);
  if (state.type === undefined) throw unsealable(table, "no such column");
  let sealed = 0;
  if (state.type !== "sealed") {
    await refuseDependents(table);
    if (table.column.blindIndex) await refuseFewValues(table);
    if (!state.hasSecond) await prepare(table);
    sealed = await fill(table, options.pace);
    await exchange(table, options);
  }
  if (options.rewrites) await client.query(`vacuum full ${names.relation}`);
  return { changed: state.type !== "sealed", sealed, rewritten: options.rewrites };
}

const namesOf = ({ column }: SealedTable) => ({
  relation: tableOf(column),
  name: quoted(column.name),
  second: quoted(secondOf(column.name)),
  index: quoted(`${column.name}_index`),
  key: quoted(column.primaryKey),
  trigger: quoted(`holdfast_sealing_${column.name}`.slice(0, NAME_CHARACTERS_MAX)),
  made: `${SCHEMA}.${quoted(`${column.schema}_${column.relation}_${column.name}`.slice(0, NAME_CHARACTERS_MAX))}`,
});

const NAME_CHARACTERS_MAX = 63;
const secondOf = (name: string): string => `${name.slice(0, NAME_CHARACTERS_MAX - "_sealing".length)}_sealing`;

interface State {
  readonly type: string | undefined;
  readonly isNullable: boolean;
  readonly hasSecond: boolean;
}

async function stateOf({ client, column }: SealedTable): Promise<State> {
  const { rows } = await client.query<{ name: string; type: string; nullable: boolean }>(
    `select a.attname as name, t.typname as type, not a.attnotnull as nullable
       from pg_attribute a join pg_type t on t.oid = a.atttypid
      where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attname = any ($2::text[])`,
    [tableOf(column), [column.name, secondOf(column.name)]],
  );
  const own = rows.find(({ name }) => name === column.name);
  const hasSecond = rows.some(({ name }) => name === secondOf(column.name));
  return { type: own?.type, isNullable: own?.nullable === true, hasSecond };
}

/**
 * Views, indexes and constraints of the plain values would go with the column, without a word, or keep it from going. A check of this
 * column alone goes with it: nothing can be said of sealed bytes. PostgreSQL itself refuses to drop what a generated column needs.
 */
async function refuseDependents(table: SealedTable): Promise<void> {
  const { client, column } = table;
  const { rows } = await client.query<{ what: string; mend: string }>(
    `with own as (select attnum from pg_attribute where attrelid = $1::regclass and attname = $2)
     select pg_describe_object('pg_constraint'::regclass, k.oid, 0) as what,
            format('alter table %s drop constraint %I;', k.conrelid::regclass, k.conname) as mend
       from pg_constraint k, own
      where (k.conrelid = $1::regclass and attnum = any (k.conkey) and (k.contype in ('u', 'p', 'f', 'x') or (k.contype = 'c' and cardinality(k.conkey) > 1)))
         or (k.confrelid = $1::regclass and attnum = any (k.confkey))
     union all
     select pg_describe_object(d.classid, d.objid, d.objsubid),
            case when d.classid = 'pg_class'::regclass then format('drop index concurrently %s;', d.objid::regclass)
                 else format('drop %s %s;', case v.relkind when 'm' then 'materialized view' else 'view' end, v.oid::regclass) end
       from own join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = $1::regclass and d.refobjsubid = own.attnum
       left join pg_rewrite w on d.classid = 'pg_rewrite'::regclass and w.oid = d.objid left join pg_class v on v.oid = w.ev_class
      where d.classid in ('pg_rewrite'::regclass, 'pg_class'::regclass) and d.deptype <> 'i'`,
    [tableOf(column), column.name],
  );
  if (rows.length === 0) return;
  const found = column.blindIndex
    ? `Equal values are then found by ${column.name}_index.`
    : "Where equal values are to be found, let the policy say sealed: { blindIndex: true }.";
  throw unsealable(
    table,
    `used by ${[...new Set(rows.map(({ what }) => what))].join(", ")}`,
    `Nothing was changed. Say in a migration: ${[...new Set(rows.map(({ mend }) => mend))].join(" ")} ${found} A view is made again without the column.`,
  );
}

async function prepare(table: SealedTable): Promise<void> {
  const { relation, name, second, trigger, made } = namesOf(table);
  await locked(table, async (client) => {
    await client.query(`create schema if not exists ${SCHEMA}`);
    await client.query(`alter table ${relation} add column ${second} holdfast.sealed`);
    await client.query(
      `create or replace function ${made}() returns trigger language plpgsql set search_path = '' as $$
       begin
         if tg_op = 'INSERT' or new.${name} is distinct from old.${name} then new.${second} := null; end if;
         return new;
       end $$`,
    );
    await client.query(
      `create trigger ${trigger} before insert or update on ${relation} for each row execute function ${made}()`,
    );
  });
}

async function fill(table: SealedTable, pace: WorkPace): Promise<number> {
  const { client } = table;
  const { relation, name, second } = namesOf(table);
  const unsealed = `${second} is null and ${name} is not null`;
  const total = await count(client, `${relation} where ${unsealed}`);
  const startedAt = pace.now();
  let [after, sealed]: [string | null, number] = [null, 0];
  for (;;) {
    const rows = await unsealedRows(table, after, pace.batchRows);
    const last = rows.at(-1);
    if (last === undefined) {
      // What was written behind the place where we were: once more from the beginning, until little is left.
      if ((await count(client, `${relation} where ${unsealed}`)) <= LAST_ROWS_MAX) return sealed;
      after = null;
      continue;
    }
    await sealRows(table, rows);
    [after, sealed] = [last.key, sealed + rows.length];
    pace.onProgress({ done: sealed, total: Math.max(total, sealed) });
    await keepPace(pace, startedAt, sealed);
  }
}

async function unsealedRows(table: SealedTable, after: string | null, limit: number): Promise<readonly PlainRow[]> {
  const { client, subjectColumn } = table;
  const { relation, name, second, key } = namesOf(table);
  const subject = subjectColumn === null ? "null" : `${quoted(subjectColumn)}::text`;
  const { rows } = await client.query<PlainRow>(
    `select ${key}::text as key, ${subject} as subject, ${name}::text as plain from ${relation}
      where ${second} is null and ${name} is not null ${after === null ? "" : `and ${key} > ${client.escapeLiteral(after)}`}
      order by ${key} limit $1`,
    [limit],
  );
  return rows;
}

/** Fills the second column only where the first still holds what was read. */
async function sealRows(table: SealedTable, rows: readonly PlainRow[]): Promise<void> {
  const { client, column } = table;
  const { relation, name, second, index, key } = namesOf(table);
  const sealed = await Promise.all(rows.map((row) => sealRow(table, row)));
  const indexes = await Promise.all(rows.map((row) => indexRow(table, row)));
  await client.query(
    `update ${relation} t set ${second} = new.sealed ${column.blindIndex ? `, ${index} = new.found_by` : ""}
       from unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[]) as new (key, plain, sealed, found_by)
      where t.${key} = new.key::${await keyType(table)} and t.${name}::text = new.plain`,
    [rows.map((row) => row.key), rows.map(({ plain }) => plain), sealed, indexes],
  );
}

/** Seals the last rows and puts the second column in the first one's place, in one transaction. */
async function exchange(table: SealedTable, { pace, grants }: SealOptions): Promise<void> {
  const { relation, name, second, trigger, made } = namesOf(table);
  const { isNullable } = await stateOf(table);
  for (let tries = 0; ; tries += 1) {
    const isDone = await locked(table, async (client) => {
      await client.query(`lock table ${relation} in access exclusive mode`);
      if ((await count(client, `${relation} where ${second} is null and ${name} is not null`)) > LAST_ROWS_MAX)
        return false;
      await sealRows(table, await unsealedRows(table, null, LAST_ROWS_MAX));
      await client.query(`drop trigger ${trigger} on ${relation}`);
      await client.query(`drop function ${made}()`);
      await client.query(`alter table ${relation} drop column ${name}`);
      await client.query(`alter table ${relation} rename column ${second} to ${name}`);
      if (!isNullable) await client.query(`alter table ${relation} alter column ${name} set not null`);
      for (const grant of grants) await client.query(grant);
      return true;
    });
    if (isDone) return;
    if (tries >= LOCK_TRIES_MAX) throw unsealable(table, "written faster than it could be sealed");
    await fill(table, pace);
  }
}

/** A transaction whose locks are waited for briefly, again and again, so that nobody waits behind us for long. */
async function locked<T>(table: SealedTable, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  const { client } = table;
  for (let tries = 1; ; tries += 1) {
    await client.query("begin");
    try {
      await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
      const value = await work(client);
      await client.query("commit");
      return value;
    } catch (error) {
      await client.query("rollback");
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE || tries >= LOCK_TRIES_MAX) throw error;
      await new Promise((resolve) => void setTimeout(resolve, LOCK_WAIT_MS));
    }
  }
}

const REMOVE_FIRST = "Nothing was changed. Remove what stands in the way by a migration, then seal it.";

export const unsealable = ({ column }: SealedTable, found: string, hint = REMOVE_FIRST): DatabaseError =>
  new DatabaseError(
    "database/sealed-unbound",
    {
      expected: `${columnPath(column)} (${dataClassOf(column)}) as a column that can be sealed`,
      found,
      hint,
    },
    { schema: column.schema, table: column.relation, column: column.name },
  );
