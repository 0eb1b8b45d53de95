// Roles and schemas: who could pass row level security, and who may make things.
import {
  BASE_SCHEMA,
  type CatalogRole,
  type CatalogSnapshot,
  OWNER_ROLE,
  type PostgresArtifact,
  quoteIdentifier,
  READER_ROLE,
  REQUEST_ROLES,
  SET_SCHEMA,
} from "@holdfast/compile";
import type { Difference } from "./difference.ts";

/** The role applications log in as; see the roles of @holdfast/postgres. */
const LOGIN_ROLE = "holdfast_api";

export function roleDifferences(catalog: CatalogSnapshot, artifact: PostgresArtifact): Difference[] {
  const roles = new Map(catalog.roles.map((role) => [role.name, role]));
  return [...baseRoles(roles), ...readerRole(roles, artifact), ...requestRoles(roles)];
}

function baseRoles(roles: ReadonlyMap<string, CatalogRole>): Difference[] {
  return [...REQUEST_ROLES, OWNER_ROLE]
    .filter((name) => !roles.has(name))
    .map((name) => ({ code: "drift/base-role", object: name, expected: "the role", found: "no such role", sql: [] }));
}

function readerRole(roles: ReadonlyMap<string, CatalogRole>, artifact: PostgresArtifact): Difference[] {
  const role = roles.get(READER_ROLE);
  const expected = "a role that cannot log in, has no other attribute and belongs to no other role";
  if (role === undefined) {
    const make = artifact.preparation.find(({ sql }) => sql.includes(`CREATE ROLE ${READER_ROLE}`));
    return [
      { code: "drift/reader-role", object: READER_ROLE, expected, found: "no such role", sql: [make?.sql ?? ""] },
    ];
  }
  const differences: Difference[] = [];
  const excess = attributes(role);
  if (excess.length > 0) {
    differences.push({
      code: "drift/reader-role",
      object: READER_ROLE,
      expected,
      found: excess.map(({ what }) => what).join(", "),
      sql: [`ALTER ROLE ${READER_ROLE} ${excess.map(({ without }) => without).join(" ")}`],
    });
  }
  return [...differences, ...role.memberOf.map((group) => membership(READER_ROLE, group, "a member of no role"))];
}

/** What the role has more than a name. Only what is there is taken away: mentioning SUPERUSER at all takes a superuser. */
function attributes(role: CatalogRole): { readonly what: string; readonly without: string }[] {
  const every: readonly (readonly [boolean, string, string])[] = [
    [role.superuser, "superuser", "NOSUPERUSER"],
    [role.bypassesRowSecurity, "passes row level security", "NOBYPASSRLS"],
    [role.canLogIn, "can log in", "NOLOGIN"],
    [role.inherits, "inherits", "NOINHERIT"],
    [role.mayCreateRoles, "may create roles", "NOCREATEROLE"],
  ];
  return every.filter(([has]) => has).map(([, what, without]) => ({ what, without }));
}

/** Whether row level security binds the role: the other attributes are the base migrations' business. */
const UNBOUND: readonly string[] = ["NOSUPERUSER", "NOBYPASSRLS", "NOCREATEROLE"];

function membership(member: string, group: string, expected: string): Difference {
  return {
    code: "drift/role-membership",
    object: member,
    expected,
    found: `a member of ${group}`,
    sql: [`REVOKE ${quoteIdentifier(group)} FROM ${quoteIdentifier(member)}`],
  };
}

/** Nothing a request can become may pass row level security, own the tables, or be more than anon and authenticated. */
function requestRoles(roles: ReadonlyMap<string, CatalogRole>): Difference[] {
  const allowed: Readonly<Record<string, readonly string[]>> = {
    anon: [],
    authenticated: [],
    [LOGIN_ROLE]: REQUEST_ROLES,
  };
  const differences: Difference[] = [];
  for (const [name, groups] of Object.entries(allowed)) {
    const role = roles.get(name);
    if (role === undefined) continue;
    const excess = attributes(role).filter(({ without }) => UNBOUND.includes(without));
    if (excess.length > 0) {
      differences.push({
        code: "drift/role-attribute",
        object: name,
        expected: "a role that row level security binds",
        found: excess.map(({ what }) => what).join(", "),
        sql: [`ALTER ROLE ${quoteIdentifier(name)} ${excess.map(({ without }) => without).join(" ")}`],
      });
    }
    const expected = groups.length === 0 ? "a member of no role" : `a member of ${groups.join(" and ")} only`;
    for (const group of role.memberOf) if (!groups.includes(group)) differences.push(membership(name, group, expected));
  }
  return differences;
}

/** The sets run as the reader, and ask who the subject is. */
function readerNeeds(catalog: CatalogSnapshot): Difference[] {
  const schema = catalog.schemas.find(({ name }) => name === BASE_SCHEMA);
  const differences: Difference[] = [];
  if (schema?.grants.some(({ grantee, privilege }) => grantee === READER_ROLE && privilege === "USAGE") !== true) {
    differences.push({
      code: "drift/schema-grant",
      object: BASE_SCHEMA,
      expected: `usage for ${READER_ROLE}`,
      found: "none",
      sql: [`GRANT USAGE ON SCHEMA ${BASE_SCHEMA} TO ${READER_ROLE}`],
    });
  }
  for (const made of catalog.functions) {
    const mayExecute = (role: string): boolean => made.grants.some(({ grantee }) => grantee === role);
    // The reader may ask what a request may ask, no more.
    if (made.schema !== BASE_SCHEMA || !mayExecute("authenticated") || mayExecute(READER_ROLE)) continue;
    const call = `${BASE_SCHEMA}.${quoteIdentifier(made.name)}(${made.arguments})`;
    differences.push({
      code: "drift/grant-missing",
      object: call,
      expected: `EXECUTE for ${READER_ROLE}`,
      found: "no such right",
      sql: [`GRANT EXECUTE ON FUNCTION ${call} TO ${READER_ROLE}`],
    });
  }
  return differences;
}

export function schemaDifferences(catalog: CatalogSnapshot, artifact: PostgresArtifact): Difference[] {
  const differences: Difference[] = readerNeeds(catalog);
  for (const name of [...artifact.schemas, SET_SCHEMA]) {
    const schema = catalog.schemas.find((candidate) => candidate.name === name);
    const quoted = quoteIdentifier(name);
    if (schema === undefined) {
      differences.push({
        code: "drift/schema",
        object: name,
        expected: "the schema",
        found: "no such schema",
        sql: name === SET_SCHEMA ? [`CREATE SCHEMA ${quoted}`, `REVOKE ALL ON SCHEMA ${quoted} FROM PUBLIC`] : [],
      });
      if (name !== SET_SCHEMA) continue;
    }
    const grants = schema?.grants ?? [];
    const users = name === SET_SCHEMA ? REQUEST_ROLES : [...REQUEST_ROLES, READER_ROLE];
    for (const role of users) {
      if (grants.some((grant) => grant.grantee === role && grant.privilege === "USAGE")) continue;
      differences.push({
        code: "drift/schema-grant",
        object: name,
        expected: `usage for ${role}`,
        found: "none",
        sql: [`GRANT USAGE ON SCHEMA ${quoted} TO ${role}`],
      });
    }
    for (const grant of grants) {
      if (grant.privilege !== "CREATE" || !["PUBLIC", LOGIN_ROLE, ...REQUEST_ROLES].includes(grant.grantee)) continue;
      const grantee = grant.grantee === "PUBLIC" ? "PUBLIC" : quoteIdentifier(grant.grantee);
      differences.push({
        code: "drift/schema-grant",
        object: name,
        expected: `nobody but the owner may create`,
        found: `${grant.grantee} may`,
        sql: [`REVOKE CREATE ON SCHEMA ${quoted} FROM ${grantee}`],
      });
    }
  }
  return differences;
}
