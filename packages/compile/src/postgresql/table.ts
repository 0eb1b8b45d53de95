// One table: who holds which rights, the policies, and the indexes the policies need.
import {
  type ColumnPolicy,
  type Condition,
  canonicalJson,
  maskedColumns,
  type Policy,
  type TableAction,
  type TablePolicy,
} from "@holdfast/policy";
import type { Notice } from "../artifact.ts";
import { CompileError } from "../compile-error.ts";
import { auditTriggers } from "./audit.ts";
import { compileCondition } from "./condition.ts";
import { lacksBounds } from "./gate.ts";
import { maskedView } from "./masked-view.ts";
import { hashedName, type MembershipSet } from "./membership-set.ts";
import {
  type Grant,
  MASKER_ROLE,
  type MaskedView,
  type PolicyRole,
  type ProtectedTable,
  type RequestRole,
  type RequiredIndex,
  type RowPolicy,
} from "./model.ts";
import { byteLength, IDENTIFIER_BYTES_MAX, quoteIdentifier, quoteQualified } from "./quoting.ts";
import { canHold } from "./reach.ts";
import { indexColumns, keepsItsKey, wantedColumns } from "./sealed-columns.ts";
import { tiedColumns } from "./ties.ts";

const TABLE_ACTIONS: readonly TableAction[] = ["select", "insert", "update", "delete"];

/** Schemas no application table may be in: PostgreSQL's own and Holdfast's. */
const RESERVED_SCHEMAS: ReadonlySet<string> = new Set([
  "information_schema",
  "auth",
  "holdfast",
  "holdfast_masked",
  "holdfast_set",
  "platform",
]);

export interface CompiledTable {
  readonly table: ProtectedTable;
  /** Where columns are masked. */
  readonly view: MaskedView | undefined;
  readonly uses: readonly { readonly set: MembershipSet; readonly roles: readonly RequestRole[] }[];
  readonly notices: readonly Notice[];
}

/** The database roles a condition can be true for. */
function rolesOf(condition: Condition): readonly RequestRole[] {
  const roles: RequestRole[] = [];
  if (canHold(condition, "anonymous")) roles.push("anon");
  if (canHold(condition, "person")) roles.push("authenticated");
  return roles;
}

/**
 * What must hold of a row. PostgreSQL adds the select policy to an UPDATE or DELETE only where the statement reads a column (its WHERE
 * or RETURNING), so it is written into these policies: they mean the same however the statement looks, and the same as `evaluate`.
 */
export function effectiveCondition(table: TablePolicy, action: TableAction): Condition {
  const own = table[action];
  if (action === "select" || action === "insert" || own.kind === "nobody") return own;
  return implies(own, table.select) ? own : { kind: "all", of: [own, table.select] };
}

/** Visibly implies: whoever meets `condition` meets `other`, by absorption. It may say no where the answer is yes. */
function implies(condition: Condition, other: Condition): boolean {
  if (other.kind === "anyone" || canonicalJson(condition) === canonicalJson(other)) return true;
  if (condition.kind === "any") return condition.of.every((part) => implies(part, other));
  if (other.kind === "any" && other.of.some((part) => implies(condition, part))) return true;
  return condition.kind === "all" && condition.of.some((part) => implies(part, other));
}

/** Compiles the table the policy knows as `key`. Throws CompileError. */
export function compileTable(policy: Policy, key: string, table: TablePolicy): CompiledTable {
  if (RESERVED_SCHEMAS.has(table.schema) || table.schema.startsWith("pg_")) {
    throw new CompileError(
      "compile/reserved-schema",
      `expected tables.${key} to be in a schema of the application, found ${table.schema}`,
      "Move the table to public or to a schema of its own.",
    );
  }
  refuseInvisibleWrites(key, table);
  const policies: RowPolicy[] = [];
  const grants: Grant[] = [];
  const uses: { set: MembershipSet; roles: readonly RequestRole[] }[] = [];
  const isMasked = maskedColumns(table).length > 0;
  for (const action of TABLE_ACTIONS) {
    const condition = effectiveCondition(table, action);
    const roles = rolesOf(condition);
    if (roles.length === 0) continue;
    const compiled = compileCondition(policy, table, condition);
    const readers: readonly PolicyRole[] = action === "select" && isMasked ? [...roles, MASKER_ROLE] : roles;
    policies.push(rowPolicy(table, action, readers, compiled));
    for (const role of roles) grants.push(...grant(table, action, role));
    for (const set of compiled.sets) uses.push({ set, roles });
    if (table.within === undefined) continue;
    const floor = compileCondition(policy, table, table.within);
    policies.push(rowPolicy(table, action, readers, floor, `holdfast_within_${action}`, true));
    for (const set of floor.sets) uses.push({ set, roles });
  }
  const readers = rolesOf(effectiveCondition(table, "select"));
  const view = maskedView(policy, key, table, readers);
  if (view !== undefined) {
    grants.push(...grant(table, "select", MASKER_ROLE));
    for (const set of view.sets) uses.push({ set, roles: readers });
  }
  return {
    view: view?.view,
    table: {
      schema: table.schema,
      name: table.name,
      columns: Object.fromEntries(
        Object.entries(table.columns).flatMap(([name, column]) => wantedColumns(name, column)),
      ),
      grants,
      policies,
      indexes: requiredIndexes(policy, table),
      tied: tiedColumns(table),
      auditing: auditTriggers(table),
    },
    uses,
    notices: [...softDeleteNotices(key, table), ...boundlessKeyNotices(key, table)],
  };
}

/** Nobody changes or deletes a row they cannot see; an action that is open only on such rows is a mistake. */
function refuseInvisibleWrites(key: string, table: TablePolicy): void {
  for (const action of ["update", "delete"] as const) {
    if (rolesOf(table[action]).length === 0 || rolesOf(effectiveCondition(table, action)).length > 0) continue;
    throw new CompileError(
      "compile/invisible-write",
      `expected tables.${key}.select to be possible for somebody that tables.${key}.${action} allows, found that it never is`,
      `Allow select where ${action} is allowed, or refuse ${action}.`,
    );
  }
}

/** A select condition on a writable column being null, or not: an update that hides the row is refused by PostgreSQL. */
function softDeleteNotices(key: string, table: TablePolicy): Notice[] {
  const columns = new Set<string>();
  visit(table.select, (part) => {
    if (part.kind === "isNull" && table.columns[part.column]?.writable === true) columns.add(part.column);
  });
  if (rolesOf(table.update).length === 0) return [];
  return [...columns].map((column) => ({
    code: "compile/soft-delete",
    path: `tables.${key}.select`,
    message: `An update of ${column} that makes the row invisible to the one who updates it is refused (SQLSTATE 42501).`,
    hint: "Let the one who may hide a row still select it, or delete the row.",
  }));
}

/** A condition that would have a gate if the primary key had a lowest and a highest value. */
function boundlessKeyNotices(key: string, table: TablePolicy): Notice[] {
  return (["select", "update", "delete"] as const)
    .filter((action) => lacksBounds(table, table[action]))
    .map((action) => ({
      code: "compile/boundless-key",
      path: `tables.${key}.${action}`,
      message: `A condition about the subject alone stands beside row conditions in any(), and ${table.primaryKey} has no lowest and highest value: every row is read, also for those who do not meet it.`,
      hint: "Make the primary key a uuid, an integer or a bigint, or let queries name what they want.",
    }));
}

export function rowPolicy(
  table: { readonly schema: string; readonly name: string },
  action: TableAction,
  roles: RowPolicy["roles"],
  condition: { readonly using: string; readonly check: string },
  name = `holdfast_${action}`,
  restrictive = false,
): RowPolicy {
  const using = action === "insert" ? null : condition.using;
  const check = action === "insert" || action === "update" ? condition.check : null;
  const lines = [
    `CREATE POLICY ${quoteIdentifier(name)} ON ${quoteQualified(table.schema, table.name)}`,
    `AS ${restrictive ? "RESTRICTIVE" : "PERMISSIVE"} FOR ${action.toUpperCase()} TO ${roles.join(", ")}`,
  ];
  if (using !== null) lines.push(`USING ${using}`);
  if (check !== null) lines.push(`WITH CHECK ${check}`);
  return { name, action, roles, using, check, restrictive, sql: lines.join("\n") };
}

/** Requests read a masked column in the view only. */
function isReadable(column: ColumnPolicy, role: PolicyRole): boolean {
  return role === MASKER_ROLE ? column.sealed === undefined : column.masked === undefined;
}

function grant(table: TablePolicy, action: TableAction, role: PolicyRole): Grant[] {
  const on = `ON TABLE ${quoteQualified(table.schema, table.name)} TO ${role}`;
  if (action === "delete") return [{ role, action, columns: null, sql: `GRANT DELETE ${on}` }];
  const isKept = (name: string): boolean => action === "update" && name === table.primaryKey && keepsItsKey(table);
  const columns = columnNames(table, (column) =>
    action === "select" ? isReadable(column, role) : column.writable,
  ).filter((name) => !isKept(name));
  if (columns.length === 0) return [];
  const list = columns.map(quoteIdentifier).join(", ");
  return [{ role, action, columns, sql: `GRANT ${action.toUpperCase()} (${list}) ${on}` }];
}

function columnNames(table: TablePolicy, keep: (column: ColumnPolicy) => boolean): string[] {
  const named = Object.entries(table.columns).filter(([, column]) => keep(column));
  return [...named.map(([name]) => name), ...indexColumns(table, keep)].sort();
}

/** Every condition of the table. */
export function conditionsOf(table: TablePolicy): readonly Condition[] {
  const unmasking = Object.values(table.columns).flatMap(({ masked }) =>
    masked === undefined ? [] : [masked.unmaskedFor],
  );
  return [
    ...TABLE_ACTIONS.map((action) => table[action]),
    ...(table.within === undefined ? [] : [table.within]),
    ...unmasking,
  ];
}

/** Every part of the condition, from the outside in. */
export function visit(condition: Condition, look: (part: Condition, inAny: boolean) => void, inAny = false): void {
  look(condition, inAny);
  if (condition.kind === "all") for (const part of condition.of) visit(part, look, inAny);
  if (condition.kind === "any") for (const part of condition.of) visit(part, look, true);
  // Under `not` no index helps, so nothing below it asks for one.
  if (condition.kind === "not") visit(condition.of, look, false);
}

/**
 * Columns the policies compare with the subject or a set, and, inside `any`, with constants: one arm without an index makes the
 * whole disjunction a filter on every row. And the (subject, group) columns by which the sets read this table.
 */
function requiredIndexes(policy: Policy, table: TablePolicy): RequiredIndex[] {
  const wanted = new Map<string, readonly string[]>();
  const want = (columns: readonly string[]): void => {
    if (columns[0] !== table.primaryKey) wanted.set(JSON.stringify(columns), columns);
  };
  const searched = [table.select, table.update, table.delete, ...(table.within === undefined ? [] : [table.within])];
  for (const condition of searched) {
    visit(condition, (part, inAny) => {
      if (part.kind === "owner" || part.kind === "member") want([part.column]);
      if (inAny && (part.kind === "oneOf" || (part.kind === "compare" && part.operator === "eq"))) want([part.column]);
    });
  }
  for (const name of indexColumns(table, () => true)) want([name]);
  for (const other of Object.values(policy.tables)) {
    for (const condition of conditionsOf(other)) {
      visit(condition, (part) => {
        if (part.kind === "member" && policy.tables[part.table] === table) want([part.subject, part.group]);
      });
    }
  }
  // An index on (a, b) does for a as well.
  const covered = (columns: readonly string[]): boolean =>
    [...wanted.values()].some(
      (other) => other.length > columns.length && columns.every((column, at) => other[at] === column),
    );
  return [...wanted.values()]
    .filter((columns) => !covered(columns))
    .map((columns) => requiredIndex(table, columns))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function requiredIndex(table: TablePolicy, columns: readonly string[]): RequiredIndex {
  const readable = `holdfast_${table.name}_${columns.join("_")}`;
  const name =
    byteLength(readable) <= IDENTIFIER_BYTES_MAX
      ? readable
      : hashedName(readable, JSON.stringify([table.schema, table.name, columns]));
  const list = columns.map(quoteIdentifier).join(", ");
  return {
    name,
    columns,
    sql: `CREATE INDEX IF NOT EXISTS ${quoteIdentifier(name)} ON ${quoteQualified(table.schema, table.name)} (${list})`,
  };
}
