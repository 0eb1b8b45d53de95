import { fromAttackList } from "../attack-list.ts";
import { tableName } from "../canary-rows.ts";
import type { Check } from "../check.ts";
import { administratorConnection, quoteIdentifier } from "../database-session.ts";

interface Doorway {
  readonly kind: string;
  readonly name: string;
  readonly fault: string | null;
}

/**
 * Schemas of Holdfast's own, whose functions run as their definer on purpose: they read verified claims, or the groups that
 * the caller belongs to, and return nothing else. Even there a function without a fixed search_path is a fault.
 */
const OWN_SCHEMAS = ["holdfast", "holdfast_set", "auth"] as const;

/** The owner cannot log in, passes no policy, and every table the view reads has a policy for it by name: the policies ask the claims. */
const OWNER_IS_BOUND = `
  exists (select from pg_catalog.pg_roles o where o.oid = c.relowner and not (o.rolsuper or o.rolbypassrls or o.rolcanlogin))
  and not exists (select from pg_catalog.pg_rewrite w
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_catalog.pg_class'::regclass
    join pg_catalog.pg_class b on b.oid = d.refobjid and b.oid <> c.oid and b.relkind in ('r', 'p', 'v', 'm', 'f')
    where w.ev_class = c.oid and not (b.relkind in ('r', 'p') and b.relrowsecurity and b.relowner <> c.relowner
      and exists (select from pg_catalog.pg_policy p where p.polrelid = b.oid and c.relowner = any (p.polroles))))`;

/** The view by which policies ask who is there; whatever it reads is the keeper's, which holds no row of the application. */
const ASKS_WHO_IS_THERE = `
  n.nspname = 'holdfast' and c.relname = 'subject' and not exists (select from pg_catalog.pg_rewrite w
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_catalog.pg_class'::regclass
    join pg_catalog.pg_class b on b.oid = d.refobjid and b.oid <> c.oid
    where w.ev_class = c.oid and b.relnamespace <> 'holdfast_keeper'::regnamespace)`;

/**
 * Everything within reach of a request's roles that could show rows past their policies: views that run as their owner,
 * materialized views, functions that run as their definer, partitions without row-level security.
 */
const DOORWAYS = `
  with reach as (select oid from pg_catalog.pg_roles where rolname in ('anon', 'authenticated')),
  schemas as (select oid, nspname from pg_catalog.pg_namespace n
    where nspname not in ('pg_catalog', 'information_schema') and nspname not like 'pg\\_%'
      and exists (select from reach r where pg_catalog.has_schema_privilege(r.oid, n.oid, 'usage')))
  select 'view' as kind, n.nspname || '.' || c.relname as name,
      case when c.relkind = 'm' then 'a materialized view has no row-level security'
           when coalesce((select option_value from pg_catalog.pg_options_to_table(c.reloptions) where option_name = 'security_invoker'), 'false') not in ('true', 'on', '1')
             and not (${OWNER_IS_BOUND}) and not (${ASKS_WHO_IS_THERE})
           then 'the view runs with its owner''s rights' end as fault
    from pg_catalog.pg_class c join schemas n on n.oid = c.relnamespace
   where c.relkind in ('v', 'm') and exists (select from reach r where pg_catalog.has_any_column_privilege(r.oid, c.oid, 'select'))
  union all
  select 'function', n.nspname || '.' || p.proname,
      case when p.proconfig is null or not exists (select from unnest(p.proconfig) s where s like 'search_path=%') then 'runs as its definer without a fixed search_path'
           when n.nspname <> all ($1) then 'runs as its definer' end
    from pg_catalog.pg_proc p join schemas n on n.oid = p.pronamespace
   where p.prosecdef and exists (select from reach r where pg_catalog.has_function_privilege(r.oid, p.oid, 'execute'))
  union all
  select 'table', n.nspname || '.' || c.relname, case when not c.relrowsecurity then 'a table without row-level security' end
    from pg_catalog.pg_class c join schemas n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and exists (select from reach r where pg_catalog.has_any_column_privilege(r.oid, c.oid, 'select, insert, update'))`;

export const rls06: Check = {
  ...fromAttackList("RLS-06"),
  title: "A view, a function or a partition within reach shows rows past their policies.",
  kind: "observe",
  layers: ["database"],
  events: [],
  company: "together",
  sabotage: {
    name: "owner-view",
    sentence: "A view that runs with its owner's rights is readable by everybody.",
    hole: {
      kind: "sql",
      statements: (policy) => {
        const [first] = Object.values(policy.tables);
        if (!first) return [];
        const view = `${quoteIdentifier(first.schema)}.probe_hole`;
        return [`create view ${view} as select * from ${tableName(first)}`, `grant select on ${view} to authenticated`];
      },
    },
  },
  run: async (session) => {
    const client = await administratorConnection(session);
    const { rows } = await client.query<Doorway>(DOORWAYS, [[...OWN_SCHEMAS]]);
    session.require(
      rows.some((row) => row.kind === "table"),
      "a request's roles reach the tables",
    );
    for (const { kind, name, fault } of rows) {
      session.judge({
        request: `look at the ${kind} ${name}, which a request's roles reach`,
        expected: "row-level security holds behind it",
        got: fault ?? "it does",
        held: fault === null,
      });
    }
    return await session.conclude(
      `${rows.length} tables, views and functions within reach show nothing past the policies.`,
    );
  },
};
