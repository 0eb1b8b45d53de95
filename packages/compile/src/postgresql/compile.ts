// A policy as PostgreSQL enforces it: roles, rights, forced row level security, one policy per table and action.
import { createHash } from "node:crypto";
import type { Policy } from "@holdfast/policy";
import type { MembershipSet } from "./membership-set.ts";
import { setFunction } from "./membership-set.ts";
import {
  BASE_SCHEMA,
  MASKED_SCHEMA,
  MASKER_ROLE,
  type PostgresArtifact,
  type ProtectedTable,
  READER_ROLE,
  REQUEST_ROLES,
  type RequestRole,
  SET_SCHEMA,
  type SetFunction,
  type Statement,
} from "./model.ts";
import { quoteIdentifier, quoteQualified } from "./quoting.ts";
import { renderScript } from "./script.ts";
import { type CompiledTable, compileTable, rowPolicy } from "./table.ts";

/** Where the script belongs in a folder of compiled files. */
const ARTIFACT_PATH = "postgresql/policy.sql";

/**
 * Compiles the tables of a policy. Pure and deterministic. The tables themselves are made by the application's migrations;
 * the base functions (`holdfast.subject_id()` and others) by those of @holdfast/postgres.
 * Throws CompileError.
 */
export function compilePostgres(policy: Policy): PostgresArtifact {
  const compiled = Object.keys(policy.tables)
    .sort()
    .map((key) => compileTable(policy, key, policy.tables[key] as Policy["tables"][string]));
  const sets = collectSets(compiled);
  const tables = compiled.map(({ table }) => withReaderGrant(table, sets));
  const schemas = [...new Set(tables.map((table) => table.schema))].sort();
  const views = compiled.flatMap(({ view }) => view ?? []);
  const state = { schemas, preparation: preparation(schemas, views.length > 0), sets, tables, views };
  const text = renderScript(policy.application.name, state);
  return {
    kind: "artifact",
    target: "postgresql",
    path: ARTIFACT_PATH,
    text,
    hash: createHash("sha256").update(text).digest("hex"),
    notices: compiled.flatMap(({ notices }) => notices),
    ...state,
  };
}

function collectSets(compiled: readonly CompiledTable[]): SetFunction[] {
  const byName = new Map<string, { set: MembershipSet; roles: Set<RequestRole> }>();
  for (const { set, roles } of compiled.flatMap(({ uses }) => uses)) {
    const known = byName.get(set.name) ?? { set, roles: new Set<RequestRole>() };
    for (const role of roles) known.roles.add(role);
    byName.set(set.name, known);
  }
  return [...byName.keys()].sort().map((name) => {
    const { set, roles } = byName.get(name) as { set: MembershipSet; roles: Set<RequestRole> };
    return setFunction(
      set,
      REQUEST_ROLES.filter((role) => roles.has(role)),
    );
  });
}

/** The one policy of a table beside those for requests: lets the sets read it, whose rights are not the caller's. */
const READER_POLICY = "holdfast_read_sets";
const EVERY_ROW = { using: "(true)", check: "(true)" } as const;

/** The reader may select the columns the sets read, in every row, and nothing else. */
function withReaderGrant(table: ProtectedTable, sets: readonly SetFunction[]): ProtectedTable {
  const columns = new Set<string>();
  for (const { reads } of sets) {
    if (reads.schema === table.schema && reads.table === table.name)
      for (const column of reads.columns) columns.add(column);
  }
  if (columns.size === 0) return table;
  const sorted = [...columns].sort();
  const sql = `GRANT SELECT (${sorted.map(quoteIdentifier).join(", ")}) ON TABLE ${quoteQualified(table.schema, table.name)} TO ${READER_ROLE}`;
  return {
    ...table,
    grants: [...table.grants, { role: READER_ROLE, action: "select", columns: sorted, sql }],
    policies: [...table.policies, rowPolicy(table, "select", [READER_ROLE], EVERY_ROW, READER_POLICY)],
  };
}

/** Roles belong to the whole cluster: another database may be making the same one at this moment. */
const makeRole = (role: string): string => `DO $holdfast$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${role}') THEN
    CREATE ROLE ${role} NOLOGIN NOINHERIT;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL;
END
$holdfast$`;

/** Without a superuser: only who is a member of a role may give it a function, and it must be allowed to have one in the schema. */
const lend = (role: string, schema: string): string => `DO $holdfast$
BEGIN
  IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
    GRANT ${role} TO CURRENT_USER;
    GRANT CREATE ON SCHEMA ${schema} TO ${role};
  END IF;
END
$holdfast$`;

export const LEND_READER = lend(READER_ROLE, SET_SCHEMA);

/** What the masked views need before they are made; may run any number of times. */
export const MASKING: readonly Statement[] = [
  { what: `make the role ${MASKER_ROLE}`, sql: makeRole(MASKER_ROLE) },
  { what: `make the schema ${MASKED_SCHEMA}`, sql: `CREATE SCHEMA IF NOT EXISTS ${MASKED_SCHEMA}` },
  { what: `let whoever applies give views to ${MASKER_ROLE}`, sql: lend(MASKER_ROLE, MASKED_SCHEMA) },
  {
    what: `let nobody into ${MASKED_SCHEMA}`,
    sql: `REVOKE ALL ON SCHEMA ${MASKED_SCHEMA} FROM PUBLIC, anon, authenticated`,
  },
  {
    what: `let policies ask for ${MASKER_ROLE} who is there`,
    sql: `GRANT SELECT ON TABLE holdfast.subject TO ${MASKER_ROLE}`,
  },
  { what: `let requests use ${MASKED_SCHEMA}`, sql: `GRANT USAGE ON SCHEMA ${MASKED_SCHEMA} TO anon, authenticated` },
];

function preparation(schemas: readonly string[], hasViews: boolean): Statement[] {
  const statements: Statement[] = [
    { what: `make the role ${READER_ROLE}`, sql: makeRole(READER_ROLE) },
    { what: `make the schema ${SET_SCHEMA}`, sql: `CREATE SCHEMA IF NOT EXISTS ${SET_SCHEMA}` },
    { what: `let whoever applies give functions to ${READER_ROLE}`, sql: LEND_READER },
    {
      what: `let nobody into ${SET_SCHEMA}`,
      sql: `REVOKE ALL ON SCHEMA ${SET_SCHEMA} FROM PUBLIC, anon, authenticated`,
    },
    { what: `let requests use ${SET_SCHEMA}`, sql: `GRANT USAGE ON SCHEMA ${SET_SCHEMA} TO anon, authenticated` },
    {
      what: `let ${READER_ROLE} use the schema ${BASE_SCHEMA}`,
      sql: `GRANT USAGE ON SCHEMA ${BASE_SCHEMA} TO ${READER_ROLE}`,
    },
    {
      what: `let ${READER_ROLE} ask who the subject is`,
      sql: `GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${BASE_SCHEMA} TO ${READER_ROLE}`,
    },
  ];
  if (hasViews) statements.push(...MASKING);
  for (const schema of schemas) {
    const name = quoteIdentifier(schema);
    statements.push(
      {
        what: `let nobody make anything in ${schema}`,
        sql: `REVOKE CREATE ON SCHEMA ${name} FROM PUBLIC, anon, authenticated`,
      },
      {
        what: `let requests use ${schema}`,
        sql: `GRANT USAGE ON SCHEMA ${name} TO anon, authenticated, ${READER_ROLE}`,
      },
    );
  }
  return statements;
}
