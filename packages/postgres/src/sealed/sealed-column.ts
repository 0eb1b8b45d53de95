// Which columns are sealed, as the policy says, and where PostgreSQL has them now.
import type { SealContext } from "@holdfast/vault";
import type { Statement } from "../pipeline.ts";

/** A sealed column of the policy. */
export interface SealedColumn {
  /** The table's key in the policy, for example `notes`. */
  readonly table: string;
  readonly schema: string;
  /** The table's name in PostgreSQL. */
  readonly relation: string;
  readonly primaryKey: string;
  /** Texts that differ in case are different keys; other keys are written in several ways, as uuids are. */
  readonly hasTextKey: boolean;
  readonly name: string;
  readonly type: "text" | "jsonb";
  /** Equal values can be found by the column `<name>_index`. */
  readonly blindIndex: boolean;
  /** Each subject has keys of their own. */
  readonly hasSubject: boolean;
}

/** How statements name it: `notes.body`. */
export const columnPath = ({ table, name }: SealedColumn): string => `${table}.${name}`;

/** What its keys are for. */
export const dataClassOf = ({ schema, relation, name }: SealedColumn): string => `${schema}.${relation}.${name}`;

/** What a value is bound to: moved anywhere else it does not open. */
export const valueContext = (
  { schema, relation, name }: SealedColumn,
  { tenant, row }: { readonly tenant: string; readonly row: string },
): SealContext => ({ tenant, schema, table: relation, column: name, row });

/** What a blind index is bound to. */
export const indexContext = (column: SealedColumn, tenant: string): SealContext => ({
  tenant,
  schema: column.schema,
  table: column.relation,
  column: column.name,
});

/** The key of a row as text: as PostgreSQL writes it, whatever JavaScript made of it. */
export const rowText = ({ hasTextKey }: SealedColumn, key: unknown): string =>
  hasTextKey ? String(key) : String(key).toLowerCase();

/** A sealed column where it is now. */
export interface PlacedColumn {
  readonly column: SealedColumn;
  readonly relationId: number;
  readonly number: number;
  readonly keyNumber: number;
  /** False until `holdfast seal` has sealed what it holds. */
  readonly isSealed: boolean;
}

export type RunStatement = (statement: Statement) => Promise<{ readonly rows: readonly unknown[] }>;

interface FoundColumn {
  readonly schema: string;
  readonly relation: string;
  readonly name: string;
  readonly relationId: number;
  readonly number: number;
  readonly type: string;
}

const FIND = `select n.nspname as schema, c.relname as relation, a.attname as name, c.oid::int8::float8 as "relationId",
    a.attnum as number, t.typname as type
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid join pg_catalog.pg_type t on t.oid = a.atttypid
  where a.attnum > 0 and not a.attisdropped and (n.nspname || '.' || c.relname) = any ($1::text[])`;

/** Asks PostgreSQL where the columns are. One that is not there is left out: whoever needs it is refused. */
export async function placeColumns(
  run: RunStatement,
  columns: readonly SealedColumn[],
): Promise<readonly PlacedColumn[]> {
  const tables = [...new Set(columns.map(({ schema, relation }) => `${schema}.${relation}`))];
  const found = (await run({ text: FIND, values: [tables] })).rows as readonly FoundColumn[];
  const find = ({ schema, relation }: SealedColumn, name: string): FoundColumn | undefined =>
    found.find((one) => one.schema === schema && one.relation === relation && one.name === name);
  return columns.flatMap((column) => {
    const [own, key] = [find(column, column.name), find(column, column.primaryKey)];
    if (own === undefined || key === undefined) return [];
    const { relationId, number, type } = own;
    return [{ column, relationId, number, keyNumber: key.number, isSealed: type === "sealed" }];
  });
}
