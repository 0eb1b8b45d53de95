// Collects issues while the input is read. Reading never stops at the first mistake: a wrong value is replaced by a
// harmless stand-in, and the policy is thrown away at the end when there was any issue.

import type { IssueCode, PolicyIssue } from "./issue.ts";
import { issueKinds } from "./issue-kinds.ts";

/** The own data of a plain object, without a prototype. */
export type Fields = Readonly<Record<string, unknown>>;

/** Where the issues of one reading gather. */
export interface Report {
  readonly issues: PolicyIssue[];
}

/** Adds an issue; `found` is described, and the hint is the code's own unless the place has a better one. */
export function addIssue(
  report: Report,
  code: IssueCode,
  path: string,
  expected: string,
  found: unknown,
  hint?: string,
): void {
  report.issues.push({ code, path, expected, found: describe(found), hint: hint ?? issueKinds[code].hint });
}

const foundTextMax = 80;

/** A value already described in words, so that it is not quoted again. */
export class Found {
  readonly words: string;
  constructor(words: string) {
    this.words = words;
  }
}

/** A short rendering of a value for an issue. */
export function describe(value: unknown): string {
  if (value instanceof Found) return value.words;
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "string")
    return JSON.stringify(value.length > foundTextMax ? `${value.slice(0, foundTextMax)}…` : value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  return Array.isArray(value) ? `a list of ${value.length}` : "an object";
}

const plainSegment = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `below("tables", "content")` is `tables.content`; other keys are quoted, list positions are numbers. */
export function below(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (!plainSegment.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** The own fields of a plain object, or undefined with an issue. Getters are refused: they could answer differently later. */
export function readRecord(report: Report, path: string, value: unknown, expected = "an object"): Fields | undefined {
  if (value === undefined) {
    addIssue(report, "input/missing", path, expected, value);
    return undefined;
  }
  if (typeof value !== "object" || value === null || !isPlain(value)) {
    addIssue(report, "input/not-an-object", path, expected, value);
    return undefined;
  }
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if (property.enumerable !== true) continue;
    if (!("value" in property))
      addIssue(report, "input/accessor", below(path, key), "plain data", new Found("a getter"));
    else if (property.value !== undefined) fields[key] = property.value;
  }
  return fields;
}

/** Object literals and what JSON.parse makes, of any realm; no lists, dates, maps or instances of classes. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return !Array.isArray(value) && (prototype === null || Object.getPrototypeOf(prototype) === null);
}

/** Like `readRecord`, and every key must be one of `known`. */
export function readObject(
  report: Report,
  path: string,
  value: unknown,
  known: readonly string[],
  expected = "an object",
): Fields | undefined {
  const fields = readRecord(report, path, value, expected);
  if (fields === undefined) return undefined;
  for (const key of Object.keys(fields)) {
    if (known.includes(key)) continue;
    addIssue(report, "input/unknown-key", below(path, key), `one of ${known.join(", ")}`, key, nearestHint(key, known));
  }
  return fields;
}

/** An optional object: absent reads as empty. */
export function readOptional(report: Report, path: string, value: unknown, known: readonly string[]): Fields {
  return value === undefined ? {} : (readObject(report, path, value, known) ?? {});
}

/** The items of a list, or none with an issue. */
export function readList(report: Report, path: string, value: unknown, countMax: number): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    addIssue(report, "input/wrong-type", path, "a list", value);
    return [];
  }
  if (value.length > countMax) addIssue(report, "input/too-many", path, `at most ${countMax} entries`, value);
  // Array.from turns holes into undefined, which the reader of the items refuses.
  return Array.from(value.slice(0, countMax) as unknown[]);
}

/** A list of different strings, in the order given. */
export function readNames(report: Report, path: string, value: unknown, countMax: number): readonly string[] {
  const names: string[] = [];
  readList(report, path, value, countMax).forEach((item, index) => {
    if (typeof item !== "string") addIssue(report, "input/wrong-type", below(path, index), "a string", item);
    else if (names.includes(item)) addIssue(report, "input/duplicate", below(path, index), "each name once", item);
    else names.push(item);
  });
  return names;
}

/** One of some words, or `otherwise` when absent. */
export function readChoice<T extends string>(
  report: Report,
  path: string,
  value: unknown,
  choices: readonly T[],
  otherwise: T,
): T {
  if (value === undefined) return otherwise;
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  addIssue(
    report,
    "input/wrong-type",
    path,
    `one of ${choices.map((item) => JSON.stringify(item)).join(", ")}`,
    value,
    typeof value === "string" ? nearestHint(value, choices) : undefined,
  );
  return otherwise;
}

/** True or false, or `otherwise` when absent. */
export function readBoolean(report: Report, path: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value === "boolean") return value;
  addIssue(report, "input/wrong-type", path, "true or false", value);
  return otherwise;
}

/** `Did you mean "editor"?` when one of the names is within two edits and half the name, otherwise undefined. */
function nearestHint(name: string, names: readonly string[]): string | undefined {
  const editsMax = 2;
  let nearest: string | undefined;
  let fewest = Math.min(editsMax, Math.floor(name.length / 2)) + 1;
  for (const candidate of names) {
    const edits = editDistance(name.slice(0, foundTextMax), candidate);
    if (edits < fewest) [nearest, fewest] = [candidate, edits];
  }
  return nearest === undefined ? undefined : `Did you mean ${JSON.stringify(nearest)}?`;
}

function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1] ? 0 : 1;
      const [above, corner] = [previous[column] ?? row, previous[column - 1] ?? row];
      current.push(Math.min((current[column - 1] ?? row) + 1, above + 1, corner + same));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}

/** A name that is not among the declared ones, with the nearest of them as hint. */
export function addUndeclared(
  report: Report,
  code: Extract<IssueCode, `${string}/undeclared`>,
  path: string,
  found: unknown,
  declared: readonly string[],
): void {
  const hint = typeof found === "string" ? nearestHint(found, declared) : undefined;
  addIssue(
    report,
    code,
    path,
    declared.length === 0 ? "a declared name (there are none)" : `one of ${declared.join(", ")}`,
    found,
    hint,
  );
}
