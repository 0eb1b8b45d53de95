// What a policy's condition does, read from its parse tree: functions it calls and how often, columns it compares, subqueries it makes.
import { argumentsOf, children, field, readTree, type TreeNode } from "./node-tree.ts";

export type SubqueryKind = "exists" | "in" | "scalar" | "array" | "other";

export interface Call {
  readonly oid: number;
  /** Worked out for each row: it is in no subquery that PostgreSQL runs once. */
  readonly isPerRow: boolean;
  /** A column of the row is among its arguments. */
  readonly takesRow: boolean;
  readonly argumentCount: number;
  /** Constants of its arguments, as text where they are text. */
  readonly constants: readonly string[];
  /** Functions without which what stands beside it in an AND is never true; only where it is not compared with the row. */
  readonly beside: readonly number[];
}

export interface Subquery {
  readonly kind: SubqueryKind;
  /** It names columns of the row outside, so PostgreSQL runs it for each row. */
  readonly isCorrelated: boolean;
  readonly relations: readonly number[];
}

export interface Facts {
  readonly calls: readonly Call[];
  readonly subqueries: readonly Subquery[];
  /** Columns compared with something that is the same for every row, and the function of the operator. */
  readonly searched: readonly { readonly column: number; readonly operator: number }[];
  /** Columns of the row, anywhere in the condition. */
  readonly columns: readonly number[];
  /** `CURRENT_USER` and the like. */
  readonly asksRoleName: boolean;
  /** Functions whose result is asked for `IS NULL`, or compared by `<>`. */
  readonly nullTested: readonly number[];
  /** A setting read and cast without `nullif`. */
  readonly castSettings: readonly string[];
}

/** oid of `current_setting(text, boolean)` and `current_setting(text)`. */
const SETTING_OIDS = new Set([2077, 3294]);
/** SQLVALUEFUNCTION: CURRENT_ROLE, CURRENT_USER, USER, SESSION_USER (src/include/nodes/primnodes.h). */
const ROLE_NAME_OPS = new Set(["9", "10", "11", "12"]);
/** `current_user` and `session_user` called as functions. */
const ROLE_NAME_OIDS = new Set([745, 746]);
/** SubLinkType of src/include/nodes/primnodes.h. */
const SUBQUERY_KINDS: Readonly<Record<string, SubqueryKind>> = { 0: "exists", 2: "in", 4: "scalar", 6: "array" };

interface Place {
  /** How many subqueries up the row of the policy is. */
  readonly level: number;
  readonly isPerRow: boolean;
  /** Functions that are asked beside it in an AND. */
  readonly beside: readonly number[];
}

interface Found {
  calls: Call[];
  subqueries: Subquery[];
  searched: { column: number; operator: number }[];
  columns: Set<number>;
  asksRoleName: boolean;
  nullTested: Set<number>;
  castSettings: Set<string>;
}

export function factsOf(tree: string): Facts {
  const found: Found = {
    calls: [],
    subqueries: [],
    searched: [],
    columns: new Set(),
    asksRoleName: false,
    nullTested: new Set(),
    castSettings: new Set(),
  };
  for (const node of readTree(tree)) {
    if (typeof node === "object" && "kind" in node) visit(node, { level: 0, isPerRow: true, beside: [] }, found);
  }
  return {
    ...found,
    columns: [...found.columns],
    nullTested: [...found.nullTested],
    castSettings: [...found.castSettings],
  };
}

function visit(node: TreeNode, place: Place, found: Found): void {
  switch (node.kind) {
    case "VAR":
      if (Number(field(node, "varlevelsup")) === place.level) found.columns.add(Number(field(node, "varattno")));
      return;
    case "FUNCEXPR":
      noteCall(node, place, found);
      break;
    case "SQLVALUEFUNCTION":
      if (ROLE_NAME_OPS.has(field(node, "op"))) found.asksRoleName = true;
      break;
    case "OPEXPR":
    case "SCALARARRAYOPEXPR":
      if (place.level === 0) noteSearch(node, found);
      break;
    case "NULLTEST":
      if (field(node, "nulltesttype") === "0")
        for (const call of callsUnder(node)) found.nullTested.add(Number(field(call, "funcid")));
      break;
    case "COERCEVIAIO":
      noteCast(node, found);
      break;
    case "SUBLINK":
      visitSubquery(node, place, found);
      return;
    case "BOOLEXPR":
      visitTruth(node, place, found);
      return;
    default:
  }
  for (const child of children(node))
    visit(child, child.kind === "QUERY" ? { ...place, level: place.level + 1 } : place, found);
}

/** What an AND has beside a part only narrows it; below OR and NOT that says nothing. */
function visitTruth(node: TreeNode, place: Place, found: Found): void {
  const parts = argumentsOf(node);
  for (const part of parts) {
    const isNarrowed = field(node, "boolop") === "and" && !readsRow(part);
    const beside = isNarrowed ? parts.filter((other) => other !== part).flatMap((other) => [...asked(other)]) : [];
    visit(part, { ...place, beside }, found);
  }
}

/** The functions that are asked whatever makes a condition true: of an OR those that every part asks, of a NOT none. */
function asked(node: TreeNode): ReadonlySet<number> {
  const each = (node.kind === "BOOLEXPR" ? argumentsOf(node) : children(node)).map(asked);
  const [first = new Set<number>(), ...others] = each;
  if (node.kind === "BOOLEXPR" && field(node, "boolop") === "or")
    return new Set([...first].filter((oid) => others.every((set) => set.has(oid))));
  if (node.kind === "BOOLEXPR" && field(node, "boolop") === "not") return new Set();
  const own = node.kind === "FUNCEXPR" ? [Number(field(node, "funcid"))] : [];
  return new Set([...own, ...each.flatMap((set) => [...set])]);
}

/** Any column at all, of whichever query. */
const readsRow = (node: TreeNode): boolean => node.kind === "VAR" || children(node).some(readsRow);

function visitSubquery(node: TreeNode, place: Place, found: Found): void {
  const kind = SUBQUERY_KINDS[field(node, "subLinkType")] ?? "other";
  const query = node.fields.get("subselect");
  if (typeof query !== "object" || !("kind" in query)) return;
  const isCorrelated = namesRow(query, place.level + 1);
  found.subqueries.push({ kind, isCorrelated, relations: relationsOf(query) });
  const isOnce = !isCorrelated && (kind === "scalar" || kind === "array");
  visit(query, { level: place.level + 1, isPerRow: place.isPerRow && !isOnce, beside: [] }, found);
  const test = node.fields.get("testexpr");
  if (typeof test === "object" && "kind" in test) visit(test, place, found);
}

/** A column of the row `level` queries up. */
function namesRow(node: TreeNode, level: number): boolean {
  if (node.kind === "VAR") return Number(field(node, "varlevelsup")) === level;
  return children(node).some((child) => namesRow(child, child.kind === "QUERY" ? level + 1 : level));
}

function relationsOf(node: TreeNode): readonly number[] {
  const own = node.kind === "RANGETBLENTRY" && field(node, "rtekind") === "0" ? [Number(field(node, "relid"))] : [];
  return [...own, ...children(node).flatMap(relationsOf)];
}

function noteCall(node: TreeNode, place: Place, found: Found): void {
  const oid = Number(field(node, "funcid"));
  if (ROLE_NAME_OIDS.has(oid)) found.asksRoleName = true;
  const given = argumentsOf(node);
  found.calls.push({
    oid,
    isPerRow: place.isPerRow,
    takesRow: given.some((each) => namesRow(each, place.level)),
    argumentCount: given.length,
    constants: given.flatMap((each) => (each.kind === "CONST" ? [constantText(each)] : [])),
    beside: place.beside,
  });
}

/** `column operator something without the row`, either way round. */
function noteSearch(node: TreeNode, found: Found): void {
  const [left, right] = argumentsOf(node).map(withoutRelabel);
  if (left === undefined || right === undefined) return;
  for (const [column, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (column.kind === "VAR" && other.kind !== "CONST" && !namesRow(other, 0))
      found.searched.push({ column: Number(field(column, "varattno")), operator: Number(field(node, "opfuncid")) });
  }
}

function withoutRelabel(node: TreeNode): TreeNode {
  const inner = node.kind === "RELABELTYPE" ? node.fields.get("arg") : undefined;
  return typeof inner === "object" && "kind" in inner ? withoutRelabel(inner) : node;
}

function noteCast(node: TreeNode, found: Found): void {
  const inner = node.fields.get("arg");
  if (typeof inner !== "object" || !("kind" in inner) || inner.kind !== "FUNCEXPR") return;
  if (!SETTING_OIDS.has(Number(field(inner, "funcid")))) return;
  const [name] = argumentsOf(inner);
  if (name !== undefined) found.castSettings.add(constantText(name));
}

function callsUnder(node: TreeNode): readonly TreeNode[] {
  return [...(node.kind === "FUNCEXPR" ? [node] : []), ...children(node).flatMap(callsUnder)];
}

/** Four bytes of length (low bits: flags), then UTF-8. */
const VARLENA_HEADER_BYTES = 4;

/** A constant of type text; others give what their bytes spell, which is nothing to rely on. */
function constantText(node: TreeNode): string {
  const value = node.fields.get("constvalue");
  if (!Array.isArray(value)) return "";
  const bytes = value
    .filter((each): each is string => typeof each === "string" && /^-?\d+$/.test(each))
    .slice(1 + VARLENA_HEADER_BYTES)
    .map((each) => Number(each) & 0xff);
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
