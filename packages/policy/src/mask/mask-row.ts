// A row as somebody sees it: masked columns show their value only to whom `unmaskedFor` holds.
import type { Context, Row, Subject } from "../decision.ts";
import { ownField } from "../own-field.ts";
import type { TablePolicy } from "../policy.ts";
import { type Meaning, truth } from "../truth.ts";
import { maskValue } from "./mask.ts";

/** The columns of a table that have a mask. */
export const maskedColumns = (table: TablePolicy): readonly string[] =>
  Object.entries(table.columns).flatMap(([name, { masked }]) => (masked === undefined ? [] : [name]));

/** Only what is true unmasks; a row that lacks what the condition asks stays masked. A table that the policy does not name shows nothing. */
export function maskRow(policy: Meaning, table: string, subject: Subject, row: Row, context: Context): Row {
  const rules = ownField(policy.tables, table);
  if (rules === undefined) return {};
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const column = ownField(rules.columns, name);
      if (column?.masked === undefined) return [name, value];
      const { mask, unmaskedFor } = column.masked;
      const isShown = truth(policy, unmaskedFor, subject, { table, row }, context) === true;
      return [name, isShown ? value : maskValue(mask, column.type, value)];
    }),
  );
}
