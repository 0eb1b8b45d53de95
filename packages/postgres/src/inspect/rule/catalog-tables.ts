// Common tables that rules begin with: relations and functions of the database's own, each with who may do what.

/** A list of request roles that satisfy a test, as names; `role` is the oid under test. */
const rolesWhere = (test: string): string => `ARRAY(
    SELECT CASE role WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(role)::text END
    FROM unnest($1::oid[]) WITH ORDINALITY AS asked(role, place) WHERE ${test} ORDER BY place)`;

const usable = (schema: string): string => `pg_catalog.has_schema_privilege(role, ${schema}, 'USAGE')`;

/** Schemas of the database's own: neither PostgreSQL's nor those left out. */
const OWN_SCHEMAS = `own_schemas AS (
  SELECT n.oid, n.nspname::text AS name, n.nspowner, n.nspacl FROM pg_catalog.pg_namespace n
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname::text <> ALL ($2::text[]))`;

const notOfExtension = (catalog: string, oid: string): string => `NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.${catalog}'::pg_catalog.regclass AND d.objid = ${oid} AND d.deptype = 'e')`;

/** Tables, views and the like, those of extensions left out. Who may read one is asked for only where a rule uses it. */
export const RELATIONS = `WITH ${OWN_SCHEMAS}, relations AS NOT MATERIALIZED (
  SELECT c.oid, s.oid AS schema_oid, s.name AS schema, c.relname::text AS name, c.relkind AS kind, format('%I.%I', s.name, c.relname) AS object,
    c.relowner, c.relrowsecurity, c.relforcerowsecurity, c.reloptions, c.relispartition, c.relacl
  FROM pg_catalog.pg_class c JOIN own_schemas s ON s.oid = c.relnamespace
  WHERE c.relpersistence <> 't' AND ${notOfExtension("pg_class", "c.oid")})`;

/** Functions and procedures of the database's own. */
export const FUNCTIONS = `WITH ${OWN_SCHEMAS}, functions AS NOT MATERIALIZED (
  SELECT p.oid, s.oid AS schema_oid, s.name AS schema, p.proname::text AS name, p.proowner, p.prosecdef, p.proconfig, p.proleakproof, p.provolatile, p.prosrc,
    p.prokind, p.prolang, p.proacl, p.prorettype,
    format('%I.%I(%s)', s.name, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) AS object
  FROM pg_catalog.pg_proc p JOIN own_schemas s ON s.oid = p.pronamespace
  WHERE p.prokind IN ('f', 'p', 'w') AND ${notOfExtension("pg_proc", "p.oid")})`;

export const SCHEMAS = `WITH ${OWN_SCHEMAS}`;

/** Request roles that may use the relation in any of these ways; `relation` is a row of `relations`. */
export const relationRoles = (privileges: string, relation = "r"): string =>
  rolesWhere(
    `${usable(`${relation}.schema_oid`)} AND pg_catalog.has_table_privilege(role, ${relation}.oid, '${privileges}')`,
  );

/** As before, also where only columns were granted. */
export const columnRoles = (privileges: string, relation = "r"): string =>
  rolesWhere(
    `${usable(`${relation}.schema_oid`)} AND pg_catalog.has_any_column_privilege(role, ${relation}.oid, '${privileges}')`,
  );

export const oneColumnRoles = (privileges: string, relation: string, attnum: string): string =>
  rolesWhere(
    `${usable(`${relation}.schema_oid`)} AND pg_catalog.has_column_privilege(role, ${relation}.oid, ${attnum}, '${privileges}')`,
  );

export const functionRoles = (made = "f"): string =>
  rolesWhere(`${usable(`${made}.schema_oid`)} AND pg_catalog.has_function_privilege(role, ${made}.oid, 'EXECUTE')`);

export const schemaRoles = (privileges: string, schema: string): string =>
  rolesWhere(`pg_catalog.has_schema_privilege(role, ${schema}, '${privileges}')`);

export { rolesWhere };
