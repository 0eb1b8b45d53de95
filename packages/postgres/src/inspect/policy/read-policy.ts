// Row level security policies, read in batches so that ten thousand tables need no more memory than five hundred.
import type { ClientBase } from "pg";
import type { Subject } from "../rule/subject.ts";
import { type Facts, factsOf } from "./facts.ts";

export interface CalledFunction {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly isVolatile: boolean;
  readonly isStable: boolean;
  /** Of PostgreSQL itself. */
  readonly isBuiltIn: boolean;
}

export interface ReadPolicy {
  readonly tableOid: number;
  readonly schema: string;
  readonly table: string;
  /** `schema.table`, quoted where it must be. */
  readonly relation: string;
  readonly name: string;
  readonly action: "select" | "insert" | "update" | "delete" | "all";
  readonly isPermissive: boolean;
  readonly roles: readonly string[];
  readonly using: string | null;
  readonly check: string | null;
  readonly isRowSecurityOn: boolean;
  /** Of both conditions. */
  readonly facts: Facts;
  /** Of USING alone, where rows are searched for. */
  readonly searchFacts: Facts;
  /** Those it calls, and those of its operators. */
  readonly functions: ReadonlyMap<number, CalledFunction>;
  /** Names of the table's columns by number. */
  readonly columns: ReadonlyMap<number, string>;
  /** Numbers of columns with which a usable index begins. */
  readonly indexed: readonly number[];
  /** Names of the relations its subqueries read, which of the policy's roles may not read them, and whether they lead back here. */
  readonly reads: readonly { readonly oid: number; readonly name: string; readonly closedTo: readonly string[] }[];
}

interface Row {
  readonly table_oid: number;
  readonly schema: string;
  readonly table: string;
  readonly relation: string;
  readonly name: string;
  readonly action: ReadPolicy["action"];
  readonly permissive: boolean;
  readonly roles: string[];
  readonly role_oids: number[];
  readonly using: string | null;
  readonly check: string | null;
  readonly using_tree: string | null;
  readonly check_tree: string | null;
  readonly row_security: boolean;
  readonly columns: Record<string, string> | null;
  readonly indexed: number[] | null;
}

const BATCH = 500;

const POLICIES = `
  SELECT c.oid::int8::float8 AS table_oid, n.nspname::text AS schema, c.relname::text AS "table", format('%I.%I', n.nspname, c.relname) AS relation,
    p.polname::text AS name, p.polpermissive AS permissive, c.relrowsecurity AS row_security,
    CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END AS action,
    ARRAY(SELECT CASE role WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(role)::text END FROM unnest(p.polroles) role ORDER BY 1) AS roles,
    ARRAY(SELECT role::int8::float8 FROM unnest(p.polroles) role) AS role_oids,
    pg_catalog.pg_get_expr(p.polqual, p.polrelid) AS using, pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) AS check,
    p.polqual::text AS using_tree, p.polwithcheck::text AS check_tree,
    (SELECT json_object_agg(a.attnum, a.attname) FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
    ARRAY(SELECT DISTINCT i.indkey[0]::int4 FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL) AS indexed
  FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname::text <> ALL ($1::text[])
  ORDER BY n.nspname, c.relname, p.polname`;

/** Every policy of the database, one after the other. The caller's transaction holds the cursor. */
export async function* readPolicies(client: ClientBase, subject: Subject): AsyncGenerator<ReadPolicy> {
  await client.query({
    text: `DECLARE holdfast_policies NO SCROLL CURSOR FOR ${POLICIES}`,
    values: [subject.skippedSchemas],
  });
  for (;;) {
    const { rows } = await client.query<Row>(`FETCH FORWARD ${BATCH} FROM holdfast_policies`);
    if (rows.length === 0) break;
    yield* await explained(client, rows);
  }
  await client.query("CLOSE holdfast_policies");
}

const none: Facts = factsOf("");

async function explained(client: ClientBase, rows: readonly Row[]): Promise<readonly ReadPolicy[]> {
  const read = rows.map((row) => {
    const searchFacts = row.using_tree === null ? none : factsOf(row.using_tree);
    const checkFacts = row.check_tree === null ? none : factsOf(row.check_tree);
    return { row, searchFacts, facts: joined(searchFacts, checkFacts) };
  });
  const functions = await readFunctions(
    client,
    read.flatMap(({ facts }) => [
      ...facts.calls.map(({ oid }) => oid),
      ...facts.searched.map(({ operator }) => operator),
    ]),
  );
  const relations = await readRights(
    client,
    read.flatMap(({ row, facts }) =>
      facts.subqueries.flatMap((each) => each.relations.map((oid) => [oid, row.role_oids] as const)),
    ),
  );
  return read.map(({ row, facts, searchFacts }) => ({
    tableOid: row.table_oid,
    schema: row.schema,
    table: row.table,
    relation: row.relation,
    name: row.name,
    action: row.action,
    isPermissive: row.permissive,
    roles: row.roles,
    using: row.using,
    check: row.check,
    isRowSecurityOn: row.row_security,
    facts,
    searchFacts,
    functions,
    columns: new Map(Object.entries(row.columns ?? {}).map(([number, name]) => [Number(number), name])),
    indexed: row.indexed ?? [],
    reads: [...new Set(facts.subqueries.flatMap((each) => each.relations))].map((oid) => ({
      oid,
      name: relations.names.get(oid) ?? String(oid),
      closedTo: row.role_oids.flatMap((role) => relations.closed.get(`${oid} ${role}`) ?? []),
    })),
  }));
}

function joined(left: Facts, right: Facts): Facts {
  return {
    calls: [...left.calls, ...right.calls],
    subqueries: [...left.subqueries, ...right.subqueries],
    searched: [...left.searched, ...right.searched],
    columns: [...left.columns, ...right.columns],
    asksRoleName: left.asksRoleName || right.asksRoleName,
    nullTested: [...left.nullTested, ...right.nullTested],
    castSettings: [...left.castSettings, ...right.castSettings],
  };
}

async function readFunctions(
  client: ClientBase,
  oids: readonly number[],
): Promise<ReadonlyMap<number, CalledFunction>> {
  const { rows } = await client.query(
    `SELECT p.oid::int8::float8 AS oid, n.nspname::text AS schema, p.proname::text AS name, p.provolatile AS volatility
     FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE p.oid = ANY ($1::oid[])`,
    [[...new Set(oids)]],
  );
  return new Map(
    rows.map((row) => [
      row.oid as number,
      {
        oid: row.oid as number,
        schema: row.schema as string,
        name: row.name as string,
        isVolatile: row.volatility === "v",
        isStable: row.volatility === "s",
        isBuiltIn: row.schema === "pg_catalog",
      },
    ]),
  );
}

interface Rights {
  readonly names: ReadonlyMap<number, string>;
  /** Names of roles that may not read, by relation and role. */
  readonly closed: ReadonlyMap<string, string>;
}

async function readRights(
  client: ClientBase,
  asked: readonly (readonly [number, readonly number[]])[],
): Promise<Rights> {
  const pairs = new Map(
    asked.flatMap(([relation, roles]) => roles.map((role) => [`${relation} ${role}`, [relation, role]] as const)),
  );
  const { rows } = await client.query(
    `SELECT c.oid::int8::float8 AS relation, asked.role::int8::float8 AS role, format('%I.%I', n.nspname, c.relname) AS name,
       CASE asked.role WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(asked.role)::text END AS role_name,
       pg_catalog.has_any_column_privilege(asked.role, c.oid, 'SELECT') AS may
     FROM unnest($1::oid[], $2::oid[]) AS asked(relation, role) JOIN pg_catalog.pg_class c ON c.oid = asked.relation
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`,
    [[...pairs.values()].map(([relation]) => relation), [...pairs.values()].map(([, role]) => role)],
  );
  return {
    names: new Map(rows.map((row) => [row.relation as number, row.name as string])),
    closed: new Map(
      rows.filter((row) => row.may !== true).map((row) => [`${row.relation} ${row.role}`, row.role_name as string]),
    ),
  };
}
