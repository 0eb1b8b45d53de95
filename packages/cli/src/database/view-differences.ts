// Masked views: the role that owns them, their query, setting, owner and rights, and views nobody compiled.
import {
  MASKED_SCHEMA,
  MASKER_ROLE,
  MASKING,
  type MaskedView,
  type PostgresArtifact,
  quoteIdentifier,
  quoteQualified,
} from "@holdfast/compile";
import type { ClientBase } from "pg";
import { makeMissingSets } from "./catalog.ts";
import type { Difference } from "./difference.ts";

interface LiveView {
  readonly name: string;
  readonly owner: string;
  readonly options: readonly string[] | null;
  readonly definition: string;
  /** `SELECT for anon`, those of the owner left out. */
  readonly rights: readonly string[];
}

const OPTIONS = ["security_barrier=true", "security_invoker=false"];

/** Before anything else: policies and grants name the role. */
export async function maskerDifferences(
  client: ClientBase,
  artifact: PostgresArtifact,
): Promise<readonly Difference[]> {
  if (artifact.views.length === 0) return [];
  const { rows } = await client.query<{ narrow: boolean; usage: boolean | null }>(
    `SELECT NOT (r.rolsuper OR r.rolbypassrls OR r.rolcanlogin OR r.rolinherit OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_auth_members m WHERE m.member = r.oid) AS narrow,
       (SELECT has_schema_privilege('anon', n.oid, 'USAGE') AND has_schema_privilege('authenticated', n.oid, 'USAGE')
        FROM pg_catalog.pg_namespace n WHERE n.nspname = $2) AS usage
     FROM pg_catalog.pg_roles r WHERE r.rolname = $1`,
    [MASKER_ROLE, MASKED_SCHEMA],
  );
  const [role] = rows;
  if (role?.narrow === true && role.usage === true) return [];
  const narrow = `ALTER ROLE ${MASKER_ROLE} NOLOGIN NOINHERIT NOCREATEROLE NOCREATEDB`;
  return [
    {
      code: "drift/masker-role",
      object: MASKER_ROLE,
      expected: "a role that cannot log in, has no other attribute and belongs to no other role, and its schema",
      found: role === undefined ? "no such role" : role.narrow ? "no schema that requests may use" : "more than that",
      sql: [...MASKING.map(({ sql }) => sql), ...(role?.narrow === false ? [narrow, ...(await excess(client))] : [])],
    },
  ];
}

/** Only what is there is taken away: mentioning SUPERUSER at all takes a superuser. */
async function excess(client: ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ sql: string }>(
    `SELECT format('ALTER ROLE %I %s', r.rolname, attribute) AS sql FROM pg_catalog.pg_roles r,
       LATERAL unnest(ARRAY[CASE WHEN r.rolsuper THEN 'NOSUPERUSER' END, CASE WHEN r.rolbypassrls THEN 'NOBYPASSRLS' END,
         CASE WHEN r.rolreplication THEN 'NOREPLICATION' END]) attribute
     WHERE r.rolname = $1 AND attribute IS NOT NULL
     UNION ALL SELECT format('REVOKE %I FROM %I', g.rolname, $1) FROM pg_catalog.pg_auth_members m
       JOIN pg_catalog.pg_roles g ON g.oid = m.roleid JOIN pg_catalog.pg_roles r ON r.oid = m.member WHERE r.rolname = $1`,
    [MASKER_ROLE],
  );
  return rows.map(({ sql }) => sql);
}

/** After the tables and the sets, which the views read and call. */
export async function viewDifferences(client: ClientBase, artifact: PostgresArtifact): Promise<readonly Difference[]> {
  const live = await readViews(client);
  const printed = artifact.views.length === 0 ? new Map() : await printViews(client, artifact);
  const stale = live.filter(({ name }) => !artifact.views.some((view) => view.name === name));
  return [
    ...stale.map(
      ({ name }): Difference => ({
        code: "drift/view-unexpected",
        object: `${MASKED_SCHEMA}.${name}`,
        expected: "no other views than the compiled ones",
        found: "a view",
        sql: [`DROP VIEW ${quoteQualified(MASKED_SCHEMA, name)}`],
      }),
    ),
    ...artifact.views.flatMap((view) =>
      compareView(
        view,
        live.find(({ name }) => name === view.name),
        printed.get(view.name),
      ),
    ),
  ];
}

function compareView(
  view: MaskedView,
  live: LiveView | undefined,
  definition: string | undefined,
): readonly Difference[] {
  const base = {
    object: `${MASKED_SCHEMA}.${view.name}`,
    expected: `the masked view for ${view.roles.join(", ")}`,
    sql: view.statements.map(({ sql }) => sql),
  };
  if (live === undefined) return [{ code: "drift/view-missing", found: "no such view", ...base }];
  const rights = view.roles.map((role) => `SELECT for ${role}`).toSorted();
  const faults = [
    live.owner === MASKER_ROLE ? "" : `owned by ${live.owner}`,
    live.definition === definition ? "" : "another query",
    OPTIONS.every((option) => live.options?.includes(option) === true) ? "" : "other settings",
    live.rights.join() === rights.join() ? "" : `rights: ${live.rights.join(", ") || "none"}`,
  ].filter((fault) => fault !== "");
  return faults.length === 0 ? [] : [{ code: "drift/view-changed", found: faults.join("; "), ...base }];
}

async function readViews(client: ClientBase): Promise<readonly LiveView[]> {
  const { rows } = await client.query<LiveView>(
    `SELECT c.relname::text AS name, pg_get_userbyid(c.relowner)::text AS owner, c.reloptions AS options, pg_get_viewdef(c.oid) AS definition,
       ARRAY(SELECT a.privilege_type || ' for ' || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END
         FROM pg_catalog.aclexplode(c.relacl) a WHERE a.grantee <> c.relowner ORDER BY 1) AS rights
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'v'`,
    [MASKED_SCHEMA],
  );
  return rows;
}

/** PostgreSQL keeps a query as a parse tree: what was compiled is made as a temporary view, printed, and undone. */
async function printViews(client: ClientBase, artifact: PostgresArtifact): Promise<ReadonlyMap<string, string>> {
  const printed = new Map<string, string>();
  await client.query("SAVEPOINT holdfast_views");
  await makeMissingSets(client, artifact);
  for (const [index, view] of artifact.views.entries()) {
    const twin = `holdfast_view_twin_${index}`;
    await client.query(`CREATE TEMPORARY VIEW ${quoteIdentifier(twin)} AS ${view.body}`);
    const { rows } = await client.query<{ definition: string }>("SELECT pg_get_viewdef($1::regclass) AS definition", [
      `pg_temp.${twin}`,
    ]);
    printed.set(view.name, rows[0]?.definition ?? "");
  }
  await client.query("ROLLBACK TO SAVEPOINT holdfast_views");
  await client.query("RELEASE SAVEPOINT holdfast_views");
  return printed;
}
