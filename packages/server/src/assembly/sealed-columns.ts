// The policy's sealed columns as the database layer takes them.
import type { Policy } from "@holdfast/policy";
import type { SealedColumn } from "@holdfast/postgres";

export function sealedColumnsOf(policy: Policy): readonly SealedColumn[] {
  return Object.entries(policy.tables).flatMap(([table, { schema, name: relation, primaryKey, columns }]) =>
    Object.entries(columns).flatMap(([name, { type, sealed }]): readonly SealedColumn[] => {
      if (sealed === undefined) return [];
      const sealable = type === "jsonb" ? "jsonb" : "text";
      const { blindIndex, subject } = sealed;
      return [{ table, schema, relation, primaryKey, name, type: sealable, blindIndex, hasSubject: subject !== null }];
    }),
  );
}
