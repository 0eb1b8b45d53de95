// The questions to PostgreSQL's catalog behind a snapshot. Each returns one row with one column `found`, a JSON list.
// $1: schemas, text[]. Members of extensions are left out: they are the extension's business and have no rows of the application.

const NOT_OF_EXTENSION = (catalog: string, oid: string): string =>
  `NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.${catalog}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`;

/** An access control list as grants. A right of the owner is left out: it has every right by being the owner. */
const GRANTS = (acl: string, owner: string, column = "NULL::text"): string => `
  SELECT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END AS grantee, g.privilege_type AS privilege, ${column} AS "column"
  FROM pg_catalog.aclexplode(${acl}) g WHERE g.grantee <> ${owner}`;

const asList = (query: string): string => `coalesce((SELECT json_agg(row_to_json(q)) FROM (${query}) q), '[]'::json)`;

/** The schemas' relations, and every child of one, wherever it is. */
const RELATION_SCOPE = `
  WITH RECURSIVE scope AS (
    SELECT c.oid FROM pg_catalog.pg_class c
    WHERE c.relnamespace IN (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY ($1::text[]))
      AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${NOT_OF_EXTENSION("pg_class", "c.oid")}
    UNION
    SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN scope s ON s.oid = i.inhparent
  )`;

export const RELATIONS = `${RELATION_SCOPE}
  SELECT coalesce(json_agg(row_to_json(r) ORDER BY r.schema, r.name), '[]'::json) AS found FROM (
    SELECT n.nspname AS schema, c.relname AS name, c.relowner::regrole::text AS owner,
      CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized'
        WHEN 'f' THEN 'foreign' ELSE 'sequence' END AS kind,
      c.relrowsecurity AS "rowSecurity", c.relforcerowsecurity AS forced,
      coalesce((SELECT o.option_value::boolean FROM pg_catalog.pg_options_to_table(c.reloptions) o
        WHERE o.option_name = 'security_invoker'), false) AS "securityInvoker",
      ${asList(`SELECT pn.nspname AS schema, pc.relname AS name FROM pg_catalog.pg_inherits i
        JOIN pg_catalog.pg_class pc ON pc.oid = i.inhparent JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace
        WHERE i.inhrelid = c.oid`)} AS parents,
      ${asList(`SELECT a.attname AS name, t.typname AS type, NOT a.attnotnull AS nullable, coalesce(l.collisdeterministic, true) AS deterministic
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`)} AS columns,
      ${asList(`${GRANTS("c.relacl", "c.relowner")} UNION ALL
        SELECT g.* FROM pg_catalog.pg_attribute a CROSS JOIN LATERAL (${GRANTS("a.attacl", "c.relowner", "a.attname::text")}) g
        WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attacl IS NOT NULL`)} AS grants,
      ${"coalesce((SELECT json_agg(w.rulename ORDER BY w.rulename) FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid AND w.rulename <> '_RETURN'), '[]'::json)"} AS rules,
      coalesce((SELECT json_agg(p.pubname ORDER BY p.pubname) FROM pg_catalog.pg_publication_tables p
        WHERE p.schemaname = n.nspname AND p.tablename = c.relname), '[]'::json) AS publications
    FROM scope s JOIN pg_catalog.pg_class c ON c.oid = s.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  ) r`;

export const POLICIES = `${RELATION_SCOPE}
  SELECT coalesce(json_agg(row_to_json(r) ORDER BY r.schema, r."table", r.name), '[]'::json) AS found FROM (
    SELECT n.nspname AS schema, c.relname AS "table", p.polname AS name, p.polpermissive AS permissive,
      CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END AS action,
      (SELECT json_agg(x.role ORDER BY x.role) FROM (
        SELECT CASE o WHEN 0 THEN 'PUBLIC' ELSE o::regrole::text END AS role FROM unnest(p.polroles) o) x) AS roles,
      pg_catalog.pg_get_expr(p.polqual, p.polrelid) AS using, pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) AS "check"
    FROM scope s JOIN pg_catalog.pg_policy p ON p.polrelid = s.oid
      JOIN pg_catalog.pg_class c ON c.oid = p.polrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  ) r`;

export const INDEXES = `${RELATION_SCOPE}
  SELECT coalesce(json_agg(row_to_json(r) ORDER BY r.schema, r."table", r.name), '[]'::json) AS found FROM (
    SELECT n.nspname AS schema, c.relname AS "table", ic.relname AS name, m.amname AS method,
      i.indisunique AS unique, i.indisprimary AS primary, i.indpred IS NOT NULL AS partial, i.indisvalid AND i.indisready AS valid,
      (SELECT json_agg(a.attname ORDER BY k.position) FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (number, position)
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number > 0
        WHERE k.position <= i.indnkeyatts) AS columns,
      NOT EXISTS (SELECT FROM unnest(i.indclass::oid[]) k JOIN pg_catalog.pg_opclass oc ON oc.oid = k
        JOIN pg_catalog.pg_amop ao ON ao.amopfamily = oc.opcfamily AND ao.amoplefttype = oc.opcintype AND ao.amoprighttype = oc.opcintype
        JOIN pg_catalog.pg_operator op ON op.oid = ao.amopopr JOIN pg_catalog.pg_proc f ON f.oid = op.oprcode
        WHERE NOT f.proleakproof) AS leakproof
    FROM scope s JOIN pg_catalog.pg_index i ON i.indrelid = s.oid JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
      JOIN pg_catalog.pg_am m ON m.oid = ic.relam
      JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  ) r`;

export const FOREIGN_KEYS = `${RELATION_SCOPE}
  SELECT coalesce(json_agg(row_to_json(r) ORDER BY r.schema, r."table", r.name), '[]'::json) AS found FROM (
    SELECT n.nspname AS schema, c.relname AS "table", k.conname AS name,
      (SELECT json_agg(a.attname ORDER BY u.position) FROM unnest(k.conkey) WITH ORDINALITY u (number, position)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number) AS columns,
      json_build_object('schema', fn.nspname, 'table', fc.relname) AS references,
      CASE k.confdeltype WHEN 'a' THEN 'no action' WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null'
        ELSE 'set default' END AS "onDelete", pg_catalog.obj_description(k.oid, 'pg_constraint') AS comment
    FROM scope s JOIN pg_catalog.pg_constraint k ON k.conrelid = s.oid AND k.contype = 'f'
      JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_class fc ON fc.oid = k.confrelid JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace
  ) r`;

export const FUNCTIONS = `
  SELECT coalesce(json_agg(row_to_json(r) ORDER BY r.schema, r.name, r.arguments), '[]'::json) AS found FROM (
    SELECT n.nspname AS schema, p.proname AS name, pg_catalog.pg_get_function_identity_arguments(p.oid) AS arguments,
      p.proowner::regrole::text AS owner, l.lanname AS language,
      CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END AS volatility,
      CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END AS parallel,
      p.prosecdef AS "securityDefiner", p.proleakproof AS leakproof, coalesce(p.proconfig, '{}') AS configuration,
      t.typname AS returns, p.proretset AS "returnsSet", p.prosrc AS source,
      ${asList(GRANTS("coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))", "p.proowner"))} AS grants
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      JOIN pg_catalog.pg_language l ON l.oid = p.prolang JOIN pg_catalog.pg_type t ON t.oid = p.prorettype
    WHERE n.nspname = ANY ($1::text[]) AND ${NOT_OF_EXTENSION("pg_proc", "p.oid")}
  ) r`;

export const SCHEMAS = `
  SELECT coalesce(json_agg(row_to_json(r) ORDER BY r.name), '[]'::json) AS found FROM (
    SELECT n.nspname AS name,
      ${asList(GRANTS("coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))", "n.nspowner"))} AS grants,
      ${asList(`SELECT DISTINCT g.grantee, g.privilege, g."column" FROM pg_catalog.pg_default_acl d
        CROSS JOIN LATERAL (${GRANTS("d.defaclacl", "d.defaclrole")}) g
        WHERE d.defaclnamespace = n.oid OR (d.defaclnamespace = 0 AND d.defaclobjtype IN ('r', 'S'))`)} AS "defaultGrants"
    FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY ($1::text[])
  ) r`;

export const ROLES = `
  SELECT coalesce(json_agg(row_to_json(r) ORDER BY r.name), '[]'::json) AS found FROM (
    SELECT a.rolname AS name, a.rolsuper AS superuser, a.rolbypassrls AS "bypassesRowSecurity", a.rolcanlogin AS "canLogIn",
      a.rolinherit AS inherits, a.rolcreaterole AS "mayCreateRoles",
      coalesce((SELECT json_agg(m.roleid::regrole::text ORDER BY m.roleid::regrole::text) FROM pg_catalog.pg_auth_members m
        WHERE m.member = a.oid), '[]'::json) AS "memberOf"
    FROM pg_catalog.pg_roles a WHERE a.rolname !~ '^pg_'
  ) r`;
