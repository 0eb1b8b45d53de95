// The application's tables: what the policy says of them, and beside it what PostgreSQL's catalog says now.
import { type Policy, type Right, rightsOf, type TablePolicy, unmaskedRightsOf } from "@holdfast/policy";
import type { Statements } from "../store/database.ts";
import type { Asker, DataAccess, DataReport, DataTable, RowSecurity } from "./data-shapes.ts";

/** What a sealed column is made of: a domain that no plain value fits into. */
const SEALED_TYPE = "holdfast.sealed";

export interface DataQuestion {
  readonly policy: Policy;
  readonly policyHash: string;
  readonly database: Statements;
}

export async function dataReport({ policy, policyHash, database }: DataQuestion): Promise<DataReport> {
  const tables = Object.entries(policy.tables);
  const found = await readCatalog(
    database,
    tables.map(([, table]) => table),
  );
  const askers = askersOf(policy);
  return {
    policyHash,
    tables: tables.map(([name, table], index) => ({
      name,
      schema: table.schema,
      ...asStored(table, found[index]),
      access: askers.map(({ asker, roles, rights }) => accessOf(policy, name, asker, roles, rights)),
    })),
  };
}

interface Asking {
  readonly asker: Asker;
  readonly roles: readonly string[] | null;
  readonly rights: readonly Right[];
}

function askersOf(policy: Policy): readonly Asking[] {
  const of = (asker: Asker, roles: readonly string[] | null): Asking => ({
    asker,
    roles,
    rights: rightsOf(policy, roles),
  });
  return [
    of({ kind: "signed-out" }, null),
    of({ kind: "no-role" }, []),
    ...Object.keys(policy.roles).map((role) => of({ kind: "role", role }, [role])),
  ];
}

function accessOf(
  policy: Policy,
  table: string,
  asker: Asker,
  roles: readonly string[] | null,
  rights: readonly Right[],
): DataAccess {
  return {
    asker,
    rights: rights.filter(({ kind, action }) => kind === "table" && tableOf(action) === table),
    unmasked: unmaskedRightsOf(policy, table, roles),
  };
}

const tableOf = (action: string): string => action.slice(0, action.lastIndexOf("."));

interface CatalogRow {
  /** Null: there is no such table. */
  readonly security: Exclude<RowSecurity, "absent"> | null;
  readonly columns: Readonly<Record<string, string>> | null;
}

/** One row for each table asked for, in their order. The catalog is open to every role, so none needs a right to the data. */
async function readCatalog(
  database: Statements,
  tables: readonly TablePolicy[],
): Promise<readonly (CatalogRow | undefined)[]> {
  const { rows } = await database.query<CatalogRow>(
    `SELECT CASE WHEN c.oid IS NULL THEN NULL
                 WHEN c.relrowsecurity AND c.relforcerowsecurity THEN 'forced'
                 WHEN c.relrowsecurity THEN 'on' ELSE 'off' END AS security,
            (SELECT pg_catalog.jsonb_object_agg(a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod))
             FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
     FROM pg_catalog.jsonb_array_elements($1::jsonb) WITH ORDINALITY AS asked (item, place)
     LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = asked.item ->> 'schema'
     LEFT JOIN pg_catalog.pg_class c
       ON c.relnamespace = n.oid AND c.relname = asked.item ->> 'name' AND c.relkind IN ('r', 'p')
     ORDER BY asked.place`,
    [JSON.stringify(tables.map(({ schema, name }) => ({ schema, name })))],
  );
  return rows;
}

function asStored(
  table: TablePolicy,
  found: CatalogRow | undefined,
): Pick<DataTable, "isAudited" | "rowSecurity" | "columns"> {
  return {
    isAudited: table.audited === true,
    rowSecurity: found?.security ?? "absent",
    columns: Object.entries(table.columns).map(([name, { type, nullable, writable, sealed, masked }]) => ({
      name,
      type,
      nullable,
      writable,
      sealed: sealed ?? null,
      isSealedNow: sealed === undefined ? null : found?.columns?.[name] === SEALED_TYPE,
      mask: masked?.mask ?? null,
      storedAs: found?.columns?.[name] ?? null,
    })),
  };
}
