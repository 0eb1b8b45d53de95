// Masked columns: what is shown of them, and to whom everything. Read after all columns are known, since the condition speaks of them.
import type { Condition } from "./condition.ts";
import type { Columns, Scope } from "./condition-scope.ts";
import { conditionText } from "./condition-text.ts";
import { partsOf } from "./difference/representatives.ts";
import { masks, maskTypes } from "./mask/mask.ts";
import { ownField } from "./own-field.ts";
import type { ColumnPolicy, Mask, TableAction } from "./policy.ts";
import { readCondition } from "./read-condition.ts";
import { addIssue, below, type Fields, Found, type Report, readChoice } from "./report.ts";

/** The columns with their masks. `fields` are those of the table. */
export function readMasks(report: Report, path: string, fields: Fields, columns: Columns, scope: Scope): Columns {
  const written = fields.columns;
  if (typeof written !== "object" || written === null) return columns;
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => {
      const own = ownField(written as Readonly<Record<string, unknown>>, name);
      return [
        name,
        typeof own === "object" && own !== null
          ? readMasked(report, below(below(path, "columns"), name), own as Fields, column, scope)
          : column,
      ];
    }),
  );
}

function readMasked(report: Report, path: string, fields: Fields, column: ColumnPolicy, scope: Scope): ColumnPolicy {
  if (fields.masked === undefined) {
    if (fields.unmaskedFor !== undefined)
      addIssue(report, "masked/no-mask", below(path, "unmaskedFor"), "a mask beside it", new Found("none"));
    return column;
  }
  const place = below(path, "masked");
  const mask: Mask = readChoice(report, place, fields.masked, masks, "redact");
  if (!maskTypes[mask].includes(column.type))
    addIssue(report, "masked/type", place, `a column of type ${maskTypes[mask].join(" or ")}`, new Found(column.type));
  if (column.sealed !== undefined)
    addIssue(report, "masked/sealed", place, "a column that is not sealed", new Found("a sealed one"));
  const unmaskedFor: Condition =
    fields.unmaskedFor === undefined
      ? { kind: "nobody" }
      : readCondition(report, below(path, "unmaskedFor"), fields.unmaskedFor, scope);
  return { ...column, masked: { mask, unmaskedFor } };
}

/** What can be said only once the conditions are known: which rows somebody sees must not tell what is masked in them. */
export function checkMasks(
  report: Report,
  path: string,
  columns: Columns,
  primaryKey: string,
  conditions: Readonly<Partial<Record<TableAction | "within", Condition>>>,
): void {
  for (const [name, { masked }] of Object.entries(columns)) {
    if (masked === undefined) continue;
    if (name === primaryKey)
      addIssue(
        report,
        "masked/primary-key",
        below(below(path, "columns"), name),
        "a column that is not the primary key",
        name,
      );
    for (const [action, condition] of Object.entries(conditions)) {
      const asking = partsOf(condition).find((part) => "column" in part && part.column === name);
      if (asking === undefined) continue;
      addIssue(
        report,
        "masked/in-condition",
        below(path, action),
        "a condition about columns that are not masked",
        new Found(conditionText(asking)),
      );
    }
  }
}
