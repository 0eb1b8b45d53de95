// The view through which requests read a table with masked columns. Its owner may read every column and is bound by the table's policies
// like everybody: they ask the claims of the request, not the role, so the view shows whoever reads it their own rows. What is masked is an
// expression of the view, so a WHERE or ORDER BY on it knows the mask and nothing else.
import { type ColumnPolicy, maskedColumns, type Policy, type TablePolicy } from "@holdfast/policy";
import { compileCondition } from "./condition.ts";
import type { MembershipSet } from "./membership-set.ts";
import { MASKED_SCHEMA, MASKER_ROLE, type MaskedView, type RequestRole } from "./model.ts";
import { quoteIdentifier, quoteLiteral, quoteQualified } from "./quoting.ts";

// The texts of packages/policy/src/mask/mask.ts, which a test holds against these expressions on random values.
const HIDDEN = quoteLiteral("***");
const REDACTED = quoteLiteral("[redacted]");
const LAST4_LENGTH_MIN = 8;

export interface CompiledView {
  readonly view: MaskedView;
  readonly sets: readonly MembershipSet[];
}

/** Undefined where no column of the table is masked, or nobody may read it. */
export function maskedView(
  policy: Policy,
  key: string,
  table: TablePolicy,
  roles: readonly RequestRole[],
): CompiledView | undefined {
  if (maskedColumns(table).length === 0 || roles.length === 0) return undefined;
  const sets: MembershipSet[] = [];
  const lines = Object.keys(table.columns)
    // A sealed column is opened by the application for the row of its table: it is read there.
    .filter((name) => table.columns[name]?.sealed === undefined)
    .sort()
    .map((name) => {
      const column = table.columns[name] as ColumnPolicy;
      const own = quoteIdentifier(name);
      if (column.masked === undefined) return own;
      const condition = compileCondition(policy, table, column.masked.unmaskedFor, "view");
      sets.push(...condition.sets);
      return `CASE WHEN ${condition.check} THEN ${own} ELSE ${maskExpression(own, column)} END AS ${own}`;
    });
  const name = quoteQualified(MASKED_SCHEMA, key);
  const body = `SELECT ${lines.join(",\n  ")}\nFROM ${quoteQualified(table.schema, table.name)}`;
  const to = roles.join(", ");
  return {
    sets,
    view: {
      name: key,
      roles,
      body,
      statements: [
        { what: `drop the masked view of ${key}`, sql: `DROP VIEW IF EXISTS ${name}` },
        {
          what: `make the masked view of ${key}`,
          sql: `CREATE VIEW ${name} WITH (security_barrier = true, security_invoker = false) AS\n${body}`,
        },
        { what: `give the masked view of ${key} to ${MASKER_ROLE}`, sql: `ALTER VIEW ${name} OWNER TO ${MASKER_ROLE}` },
        {
          what: `let nobody read the masked view of ${key}`,
          sql: `REVOKE ALL ON TABLE ${name} FROM PUBLIC, anon, authenticated`,
        },
        { what: `let ${to} read the masked view of ${key}`, sql: `GRANT SELECT ON TABLE ${name} TO ${to}` },
      ],
    },
  };
}

/** The SQL of a mask over a column; null stays null. */
export function maskExpression(column: string, { type, masked }: ColumnPolicy): string {
  switch (masked?.mask) {
    case "email":
      return (
        `CASE WHEN ${column} IS NULL THEN NULL WHEN ${column} ~ '^.+@' ` +
        `THEN pg_catalog.left(${column}, 1) || ${HIDDEN} || pg_catalog.substring(${column}, '.*(@.*)$') ELSE ${HIDDEN} END`
      );
    case "last4":
      return (
        `CASE WHEN ${column} IS NULL THEN NULL WHEN pg_catalog.char_length(${column}) >= ${LAST4_LENGTH_MIN} ` +
        `THEN ${HIDDEN} || pg_catalog.right(${column}, 4) ELSE ${HIDDEN} END`
      );
    case "redact":
      return type === "text" ? `CASE WHEN ${column} IS NULL THEN NULL ELSE ${REDACTED} END` : `NULL::${type}`;
    case "year":
      return yearExpression(column, type);
    case undefined:
      return column;
  }
}

/** Within the years that every reader writes alike; what lies outside is not shown. */
function yearExpression(column: string, type: string): string {
  if (type === "date")
    return `CASE WHEN pg_catalog.isfinite(${column}) THEN pg_catalog.date_trunc('year', ${column}::timestamp)::date END`;
  return (
    `CASE WHEN ${column} >= '0001-01-01 00:00:00+00' AND ${column} < '10000-01-01 00:00:00+00' ` +
    `THEN pg_catalog.date_trunc('year', ${column}, 'UTC') END`
  );
}
