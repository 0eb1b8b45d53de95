// Tables: shape, owner, forced row level security, rights, policies and indexes. And every relation the policy does not name: closed.
import {
  type CatalogGrant,
  type CatalogRelation,
  type CatalogSnapshot,
  closeTable,
  OWNER_ROLE,
  type PostgresArtifact,
  type ProtectedTable,
  quoteIdentifier,
  quoteQualified,
  READER_ROLE,
  REQUEST_ROLES,
} from "@holdfast/compile";
import { type PrintedPolicy, policyKey } from "./catalog.ts";
import type { Difference } from "./difference.ts";

/** PostgreSQL's own names (`pg_type.typname`) that hold what the policy's type means. Not `bpchar`, `citext`, `float8`. */
const LIVE_TYPES: Readonly<Record<string, readonly string[]>> = {
  uuid: ["uuid"],
  text: ["text", "varchar"],
  integer: ["int4", "int2"],
  bigint: ["int8"],
  boolean: ["bool"],
  timestamptz: ["timestamptz"],
  date: ["date"],
  numeric: ["numeric"],
  jsonb: ["jsonb"],
  // Domains over bytea, of the base migrations.
  sealed: ["sealed"],
  blind_index: ["blind_index"],
};

/** Roles whose rights on a table are not the policy's business: row level security does not bind it, and no request can become it. */
const SERVICE_ROLE = "service_role";

function nameOf(relation: { readonly schema: string; readonly name: string }): string {
  return `${relation.schema}.${relation.name}`;
}

function relationOf(
  catalog: CatalogSnapshot,
  table: { readonly schema: string; readonly name: string },
): CatalogRelation | undefined {
  return catalog.relations.find((relation) => relation.schema === table.schema && relation.name === table.name);
}

/** What no statement of ours can put right: the table itself is another than the policy speaks of. */
export function shapeDifferences(catalog: CatalogSnapshot, artifact: PostgresArtifact): Difference[] {
  return artifact.tables.flatMap((table) => {
    const object = nameOf(table);
    const live = relationOf(catalog, table);
    if (live === undefined) {
      return [{ code: "drift/table-missing" as const, object, expected: "the table", found: "no such table", sql: [] }];
    }
    if (live.kind !== "table" && live.kind !== "partitioned") {
      return [
        { code: "drift/table-kind" as const, object, expected: "a table", found: `a ${live.kind} relation`, sql: [] },
      ];
    }
    return Object.entries(table.columns).flatMap(([name, column]) =>
      columnDifferences(`${object}.${name}`, name, column, live),
    );
  });
}

function columnDifferences(
  object: string,
  name: string,
  column: ProtectedTable["columns"][string],
  live: CatalogRelation,
): Difference[] {
  const found = live.columns.find((candidate) => candidate.name === name);
  if (found === undefined) {
    return [
      {
        code: "drift/column-missing",
        object,
        expected: `a column of type ${column.type}`,
        found: "no such column",
        sql: [],
      },
    ];
  }
  // One that is not sealed yet is found by `lint`: the application goes on while `holdfast seal` is at work.
  const types = [...(LIVE_TYPES[column.type] ?? []), ...(LIVE_TYPES[column.plain ?? ""] ?? [])];
  if (!types.includes(found.type)) {
    return [{ code: "drift/column-type", object, expected: column.type, found: found.type, sql: [] }];
  }
  if (found.nullable && !column.nullable) {
    return [
      {
        code: "drift/column-nullability",
        object,
        expected: "a column that is not null",
        found: "one that may be null",
        sql: [],
      },
    ];
  }
  return [];
}

/** Owner, row level security, rights, policies and indexes of the tables the policy names. */
export function tableDifferences(
  catalog: CatalogSnapshot,
  artifact: PostgresArtifact,
  printed: ReadonlyMap<string, PrintedPolicy>,
): Difference[] {
  return artifact.tables.flatMap((table) => {
    const live = relationOf(catalog, table);
    if (live === undefined) return [];
    return [
      ...ownership(table, live),
      ...grantDifferences(table, live),
      ...policyDifferences(catalog, table, printed),
      ...indexDifferences(catalog, table),
    ];
  });
}

function ownership(table: ProtectedTable, live: CatalogRelation): Difference[] {
  const [giveAway, force] = closeTable(table.schema, table.name);
  const differences: Difference[] = [];
  const object = nameOf(table);
  if (live.owner !== OWNER_ROLE) {
    differences.push({
      code: "drift/owner",
      object,
      expected: `owned by ${OWNER_ROLE}`,
      found: `owned by ${live.owner}`,
      sql: [giveAway?.sql ?? ""],
    });
  }
  if (!live.rowSecurity || !live.forced) {
    const found = live.rowSecurity ? "enabled, but not for the owner" : "not enabled";
    differences.push({
      code: "drift/row-security",
      object,
      expected: "row level security, forced",
      found,
      sql: [force?.sql ?? ""],
    });
  }
  return differences;
}

function grantDifferences(table: ProtectedTable, live: CatalogRelation): Difference[] {
  const wanted = new Map<string, { readonly text: string; readonly sql: string }>();
  for (const grant of table.grants) {
    const privilege = grant.action.toUpperCase();
    for (const column of grant.columns ?? [null]) {
      const found = { grantee: grant.role, privilege, column };
      wanted.set(grantKey(found), { text: describeGrant(found), sql: grant.sql });
    }
  }
  const object = nameOf(table);
  const present = new Set(live.grants.map(grantKey));
  const unexpected = live.grants.filter((grant) => grant.grantee !== SERVICE_ROLE && !wanted.has(grantKey(grant)));
  const missing = [...wanted].filter(([key]) => !present.has(key)).map(([, grant]) => grant);
  // REVOKE of a right on the table takes the same right on every column with it: revoke first, then grant again.
  const whole = unexpected.filter((grant) => grant.column === null).map((grant) => grantKey({ ...grant, column: "" }));
  const undone = [...wanted].filter(([key]) => present.has(key) && whole.some((prefix) => key.startsWith(prefix)));
  return [
    ...unexpected.map((grant, index) => ({
      code: "drift/grant-unexpected" as const,
      object,
      expected: "no other rights than the policy's",
      found: describeGrant(grant),
      sql: [
        revoke(table, grant),
        ...(index === unexpected.length - 1 ? [...new Set(undone.map(([, { sql }]) => sql))] : []),
      ],
    })),
    ...missing.map(({ text, sql }) => ({
      code: "drift/grant-missing" as const,
      object,
      expected: text,
      found: "no such right",
      sql: [sql],
    })),
  ];
}

function grantKey(grant: CatalogGrant): string {
  return `${grant.grantee}\n${grant.privilege}\n${grant.column ?? ""}`;
}

function describeGrant(grant: CatalogGrant): string {
  return `${grant.privilege}${grant.column === null ? "" : ` (${grant.column})`} for ${grant.grantee}`;
}

function revoke(relation: { readonly schema: string; readonly name: string }, grant: CatalogGrant): string {
  const column = grant.column === null ? "" : ` (${quoteIdentifier(grant.column)})`;
  const grantee = grant.grantee === "PUBLIC" ? "PUBLIC" : quoteIdentifier(grant.grantee);
  return `REVOKE ${grant.privilege}${column} ON TABLE ${quoteQualified(relation.schema, relation.name)} FROM ${grantee}`;
}

function policyDifferences(
  catalog: CatalogSnapshot,
  table: ProtectedTable,
  printed: ReadonlyMap<string, PrintedPolicy>,
): Difference[] {
  const object = nameOf(table);
  const on = quoteQualified(table.schema, table.name);
  const live = catalog.policies.filter((policy) => policy.schema === table.schema && policy.table === table.name);
  const differences: Difference[] = live
    .filter((policy) => !table.policies.some(({ name }) => name === policy.name))
    .map((policy) => ({
      code: "drift/policy-unexpected",
      object,
      expected: "no other policies than the compiled ones",
      found: `the policy ${policy.name} for ${policy.action} to ${policy.roles.join(", ")}`,
      sql: [`DROP POLICY ${quoteIdentifier(policy.name)} ON ${on}`],
    }));
  for (const policy of table.policies) {
    const found = live.find(({ name }) => name === policy.name);
    const wanted = printed.get(policyKey(table.schema, table.name, policy.name));
    const expected = `${policy.action} for ${policy.roles.join(", ")} where ${policy.using ?? policy.check}`;
    if (found === undefined) {
      differences.push({
        code: "drift/policy-missing",
        object,
        expected,
        found: `no policy ${policy.name}`,
        sql: [policy.sql],
      });
      continue;
    }
    const same =
      found.permissive !== policy.restrictive &&
      found.action === policy.action &&
      found.roles.join() === [...policy.roles].sort().join() &&
      found.using === (wanted?.using ?? null) &&
      found.check === (wanted?.check ?? null);
    if (same) continue;
    const using = found.using === null ? "" : ` using ${found.using}`;
    const check = found.check === null ? "" : ` with check ${found.check}`;
    differences.push({
      code: "drift/policy-changed",
      object,
      expected,
      found: `${found.permissive ? "" : "restrictive "}${found.action} for ${found.roles.join(", ")}${using}${check}`,
      sql: [`DROP POLICY ${quoteIdentifier(policy.name)} ON ${on}`, policy.sql],
    });
  }
  return differences;
}

function indexDifferences(catalog: CatalogSnapshot, table: ProtectedTable): Difference[] {
  const live = catalog.indexes.filter((index) => index.schema === table.schema && index.table === table.name);
  return table.indexes
    .filter(
      (wanted) =>
        !live.some(
          (index) =>
            index.valid && !index.partial && index.method === "btree" && startsWith(index.columns, wanted.columns),
        ),
    )
    .map((wanted) => ({
      code: "drift/index-missing",
      object: nameOf(table),
      expected: `an index on ${wanted.columns.join(", ")}`,
      found: "none; the policy would read every row",
      sql: [`DROP INDEX IF EXISTS ${quoteQualified(table.schema, wanted.name)}`, wanted.sql],
    }));
}

function startsWith(columns: readonly (string | null)[], wanted: readonly string[]): boolean {
  return wanted.every((column, index) => columns[index] === column);
}

/** A relation of the policy's schemas that the policy does not name is closed: no rights, and no row for anybody bound by policies. */
export function unlistedDifferences(catalog: CatalogSnapshot, artifact: PostgresArtifact): Difference[] {
  const listed = new Set(artifact.tables.map(nameOf));
  return catalog.relations
    .filter((relation) => !listed.has(nameOf(relation)) && relation.kind !== "view" && relation.kind !== "materialized")
    .flatMap((relation) => {
      const open = relation.grants.filter((grant) => ["PUBLIC", READER_ROLE, ...REQUEST_ROLES].includes(grant.grantee));
      const isTable = relation.kind === "table" || relation.kind === "partitioned";
      const bound = !isTable || (relation.rowSecurity && relation.forced);
      const policies = catalog.policies.filter(
        (policy) => policy.schema === relation.schema && policy.table === relation.name,
      );
      if (open.length === 0 && bound && policies.length === 0) return [];
      const name = quoteQualified(relation.schema, relation.name);
      const kind = relation.kind === "sequence" ? "SEQUENCE" : "TABLE";
      const sql = [`REVOKE ALL ON ${kind} ${name} FROM PUBLIC, ${REQUEST_ROLES.join(", ")}`];
      if (isTable && !bound) sql.push(`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`);
      for (const policy of policies) sql.push(`DROP POLICY ${quoteIdentifier(policy.name)} ON ${name}`);
      const found = [
        ...open.map(describeGrant),
        ...(bound ? [] : ["no forced row level security"]),
        ...policies.map((policy) => `the policy ${policy.name}`),
      ];
      return [
        {
          code: "drift/unlisted-open" as const,
          object: nameOf(relation),
          expected: "closed, since the policy does not name it",
          found: found.join("; "),
          sql,
        },
      ];
    });
}
