// Which words a table's own CHECK constraints allow in a column, for example `status in ('draft', 'published')`: a canary with
// any other word would be refused for a reason that is none of the policy's.
import type { Policy } from "@holdfast/policy";
import type pg from "pg";

/** Words by table of the policy and column. */
export type CheckedValues = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

const LITERAL = /'((?:[^']|'')*)'::/g;

export async function checkedValues(administrator: pg.Client, policy: Policy): Promise<CheckedValues> {
  const { rows } = await administrator.query<{ schema: string; table: string; column: string; definition: string }>(
    `select n.nspname as schema, c.relname as table, a.attname as column, pg_get_constraintdef(k.oid) as definition
     from pg_constraint k
     join pg_class c on c.oid = k.conrelid
     join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum = any (k.conkey)
     where k.contype = 'c' and cardinality(k.conkey) = 1`,
  );
  const found = new Map<string, Map<string, readonly string[]>>();
  for (const [key, rule] of Object.entries(policy.tables)) {
    const columns = new Map<string, readonly string[]>();
    for (const row of rows.filter(({ schema, table }) => schema === rule.schema && table === rule.name)) {
      const words = literalsOf(row.definition);
      if (rule.columns[row.column]?.type === "text" && words.length > 0) columns.set(row.column, words);
    }
    found.set(key, columns);
  }
  return found;
}

/** The text constants of a constraint as PostgreSQL prints it. */
export function literalsOf(definition: string): readonly string[] {
  return [...definition.matchAll(LITERAL)].map((match) => (match[1] ?? "").replaceAll("''", "'"));
}
