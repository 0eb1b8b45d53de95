import type { ClientBase } from "pg";
import type { MaskedTable } from "./masked-table.ts";

/** Parents before children, so that the copy can be loaded; tables in a circle stay in the order they came. */
export async function inOrderOfReference(
  client: ClientBase,
  tables: readonly MaskedTable[],
): Promise<readonly MaskedTable[]> {
  const { rows } = await client.query<{ child: string; parent: string }>(
    `SELECT format('%s.%s', cn.nspname, c.relname) AS child, format('%s.%s', pn.nspname, p.relname) AS parent FROM pg_catalog.pg_constraint k
     JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
     JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
     WHERE k.contype = 'f' AND k.conrelid <> k.confrelid`,
  );
  const nameOf = ({ schema, name }: MaskedTable): string => `${schema}.${name}`;
  const waiting = new Map(tables.map((table) => [nameOf(table), table]));
  const ordered: MaskedTable[] = [];
  while (waiting.size > 0) {
    const isReady = (name: string): boolean => !rows.some(({ child, parent }) => child === name && waiting.has(parent));
    const [next] = [...waiting.keys()].filter(isReady);
    const name = next ?? (waiting.keys().next().value as string);
    ordered.push(waiting.get(name) as MaskedTable);
    waiting.delete(name);
  }
  return ordered;
}
