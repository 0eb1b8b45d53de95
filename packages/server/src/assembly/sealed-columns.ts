// The policy's sealed columns as the database layer takes them.
import type { Policy } from "@holdfast/policy";
import type { SealedColumn } from "@holdfast/postgres";

export function sealedColumnsOf(policy: Policy): readonly SealedColumn[] {
  return Object.entries(policy.tables).flatMap(([table, { schema, name: relation, primaryKey, columns: rules }]) =>
    Object.entries(rules).flatMap(([name, { type, sealed }]): readonly SealedColumn[] => {
      if (sealed === undefined) return [];
      const sealable = type === "jsonb" ? "jsonb" : "text";
      const { blindIndex, subject } = sealed;
      const hasTextKey = rules[primaryKey]?.type === "text";
      const hasSubject = subject !== null;
      return [{ table, schema, relation, primaryKey, hasTextKey, name, type: sealable, blindIndex, hasSubject }];
    }),
  );
}
