// The wanted state as one script for psql: it may run any number of times, and ends the same.
import {
  OWNER_ROLE,
  type PostgresArtifact,
  type ProtectedTable,
  READER_ROLE,
  type SetFunction,
  type Statement,
} from "./model.ts";
import { quoteLiteral, quoteQualified } from "./quoting.ts";

type WantedState = Pick<PostgresArtifact, "preparation" | "sets" | "tables" | "views">;

/** What closes a table before anything is granted: owner, row level security, rights. */
export function closeTable(schema: string, name: string): Statement[] {
  const table = quoteQualified(schema, name);
  return [
    { what: `give ${schema}.${name} to ${OWNER_ROLE}`, sql: `ALTER TABLE ${table} OWNER TO ${OWNER_ROLE}` },
    {
      what: `enable and force row level security on ${schema}.${name}`,
      sql: `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
    },
    {
      what: `revoke every right on ${schema}.${name}`,
      sql: `REVOKE ALL ON TABLE ${table} FROM PUBLIC, anon, authenticated, ${READER_ROLE}`,
    },
  ];
}

/** Drops every policy of the table: one we did not make could allow more. */
function dropPolicies(table: ProtectedTable): Statement {
  const name = quoteQualified(table.schema, table.name);
  return {
    what: `drop the policies of ${table.schema}.${table.name}`,
    sql: `DO $holdfast$
DECLARE
  found record;
BEGIN
  FOR found IN SELECT polname, polrelid::pg_catalog.regclass AS relation FROM pg_catalog.pg_policy
    WHERE polrelid = ${quoteLiteral(name)}::pg_catalog.regclass
  LOOP
    EXECUTE format('DROP POLICY %I ON %s', found.polname, found.relation);
  END LOOP;
END
$holdfast$`,
  };
}

/** The statements of the script, in order, without its transaction. */
export function scriptStatements(state: WantedState): Statement[] {
  const tables = state.tables;
  return [
    ...state.preparation,
    ...tables.flatMap((table) => [...closeTable(table.schema, table.name), dropPolicies(table)]),
    ...state.sets.flatMap((set: SetFunction) => set.statements),
    ...tables.flatMap(tableStatements),
    ...state.views.flatMap((view) => view.statements),
  ];
}

function tableStatements(table: ProtectedTable): Statement[] {
  const name = `${table.schema}.${table.name}`;
  return [
    ...table.indexes.map((index) => ({ what: `index ${name} by ${index.columns.join(", ")}`, sql: index.sql })),
    ...table.grants.map((grant) => ({ what: `let ${grant.role} ${grant.action} on ${name}`, sql: grant.sql })),
    ...table.policies.map((policy) => ({ what: `policy for ${policy.action} on ${name}`, sql: policy.sql })),
    ...table.auditing.flatMap(({ statements }) => statements),
  ];
}

export function renderScript(application: string, state: WantedState): string {
  const parts = scriptStatements(state).map(({ sql }) => `${sql};`);
  // JSON keeps a line break in the name from ending the comment.
  const head = `-- Compiled by Holdfast from the policy of ${JSON.stringify(application)}. Change the policy, not this file.`;
  return `${[head, "BEGIN;", "SET LOCAL search_path = '';", ...parts, "COMMIT;"].join("\n\n")}\n`;
}
