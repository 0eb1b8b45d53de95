// Reads one condition of the input into the normal form, with every mistake at its place.
import type { Condition, ConditionKind } from "./condition.ts";
import type { Scope } from "./condition-scope.ts";
import { readRowCondition } from "./read-row-condition.ts";
import {
  addIssue,
  addUndeclared,
  below,
  type Fields,
  Found,
  type Report,
  readList,
  readObject,
  readRecord,
} from "./report.ts";

const depthMax = 16;
const partsMax = 256;

const nothing: Condition = { kind: "nobody" };

/** The keys of each kind, `kind` apart. */
const keysOf: Readonly<Record<ConditionKind, readonly string[]>> = {
  anyone: [],
  nobody: [],
  signedIn: [],
  role: ["role"],
  assurance: ["level"],
  service: [],
  owner: ["column"],
  compare: ["column", "operator", "value"],
  oneOf: ["column", "values"],
  isNull: ["column"],
  time: ["column", "is"],
  member: ["column", "table", "group", "subject", "where", "until"],
  all: ["of"],
  any: ["of"],
  not: ["of"],
};

interface Reading {
  readonly report: Report;
  readonly scope: Scope;
  parts: number;
}

/** The condition in normal form; a stand-in that allows nobody where it was wrong. */
export function readCondition(report: Report, path: string, value: unknown, scope: Scope): Condition {
  const reading: Reading = { report, scope, parts: 0 };
  const condition = read(reading, path, value, 1);
  if (reading.parts > partsMax) {
    addIssue(report, "condition/too-large", path, `at most ${partsMax} parts`, new Found(`more than ${partsMax}`));
  }
  return condition;
}

function read(reading: Reading, path: string, value: unknown, depth: number): Condition {
  const { report } = reading;
  reading.parts += 1;
  if (reading.parts > partsMax) return nothing;
  if (depth > depthMax) {
    addIssue(report, "condition/too-deep", path, `at most ${depthMax} levels`, new Found("one more"));
    return nothing;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    addIssue(
      report,
      "condition/invalid",
      path,
      "a condition",
      value,
      typeof value === "function" ? "Call it: anyone(), not anyone." : undefined,
    );
    return nothing;
  }
  const fields = readRecord(report, path, value) ?? {};
  const kind = fields.kind;
  if (typeof kind !== "string" || !Object.hasOwn(keysOf, kind)) {
    if (kind === undefined) addIssue(report, "condition/invalid", path, "a condition", value);
    else
      addIssue(report, "condition/unknown-kind", below(path, "kind"), `one of ${Object.keys(keysOf).join(", ")}`, kind);
    return nothing;
  }
  const known = kind as ConditionKind;
  readObject(report, path, value, ["kind", ...keysOf[known]]);
  return readKind(reading, path, known, fields, depth);
}

function readKind(reading: Reading, path: string, kind: ConditionKind, fields: Fields, depth: number): Condition {
  switch (kind) {
    case "anyone":
    case "nobody":
    case "signedIn":
      return { kind };
    case "role":
      return readRole(reading, path, fields);
    case "assurance":
      return readAssurance(reading, path, fields);
    case "service":
      if (reading.scope.columns === null) return { kind };
      addIssue(
        reading.report,
        "condition/service-in-table",
        path,
        "a condition about a person or the row",
        new Found("service()"),
      );
      return nothing;
    case "owner":
    case "compare":
    case "oneOf":
    case "isNull":
    case "time":
    case "member":
      return readRowCondition(reading.report, reading.scope, path, kind, fields);
    case "all":
    case "any":
      return { kind, of: readParts(reading, path, fields, depth) };
    case "not":
      return { kind, of: read(reading, below(path, "of"), fields.of, depth + 1) };
  }
}

function readRole({ report, scope }: Reading, path: string, fields: Fields): Condition {
  if (typeof fields.role === "string" && scope.roles.includes(fields.role)) return { kind: "role", role: fields.role };
  addUndeclared(report, "role/undeclared", below(path, "role"), fields.role, scope.roles);
  return nothing;
}

function readAssurance({ report }: Reading, path: string, fields: Fields): Condition {
  if (fields.level !== "aal2") addIssue(report, "input/wrong-type", below(path, "level"), '"aal2"', fields.level);
  return { kind: "assurance", level: "aal2" };
}

function readParts(reading: Reading, path: string, fields: Fields, depth: number): readonly Condition[] {
  const place = below(path, "of");
  if (fields.of === undefined || (Array.isArray(fields.of) && fields.of.length === 0)) {
    addIssue(reading.report, "condition/empty", place, "at least one condition", fields.of);
    return [nothing];
  }
  return readList(reading.report, place, fields.of, partsMax).map((part, index) =>
    read(reading, below(place, index), part, depth + 1),
  );
}
