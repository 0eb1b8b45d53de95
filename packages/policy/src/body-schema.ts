// JSON Schemas of request bodies: copied as plain data, closed, and refused where they reach outside.
import type { JsonSchema } from "./policy.ts";
import { addIssue, below, Found, type Report, readRecord } from "./report.ts";

const depthMax = 32;
const partsMax = 4_096;

interface Reading {
  readonly report: Report;
  parts: number;
}

/** The schema as frozen-safe data. Object schemas that say nothing about other properties are closed, so that none can be smuggled in. */
export function readBodySchema(report: Report, path: string, value: unknown): JsonSchema {
  const fields = readRecord(report, path, value, "a JSON Schema");
  if (fields === undefined) return { type: "object", additionalProperties: false };
  const copy = copyJson({ report, parts: 0 }, path, value, 0) as JsonSchema;
  return close(report, path, copy) as JsonSchema;
}

function copyJson(reading: Reading, path: string, value: unknown, depth: number): unknown {
  reading.parts += 1;
  if (depth > depthMax || reading.parts > partsMax) {
    addOnce(reading.report, path, `at most ${depthMax} levels and ${partsMax} parts`, new Found("more, or a circle"));
    return null;
  }
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((item, index) => copyJson(reading, below(path, index), item, depth + 1));
  if (typeof value !== "object") {
    addOnce(reading.report, path, "plain JSON", value);
    return null;
  }
  const fields = readRecord(reading.report, path, value) ?? {};
  if (Object.hasOwn(fields, "__proto__"))
    addOnce(reading.report, path, "no property called __proto__", new Found("one"));
  const entries = Object.entries(fields).filter(([key]) => key !== "__proto__");
  return Object.fromEntries(
    entries.map(([key, field]) => [key, copyJson(reading, below(path, key), field, depth + 1)]),
  );
}

function addOnce(report: Report, path: string, expected: string, found: unknown): void {
  if (!report.issues.some((issue) => issue.code === "route/body-schema" && path.startsWith(issue.path))) {
    addIssue(report, "route/body-schema", path, expected, found);
  }
}

const schemaRecords = ["properties", "patternProperties", "$defs", "dependentSchemas"];
const schemaLists = ["anyOf", "oneOf", "prefixItems"];
const schemaSingles = ["items", "contains", "not", "if", "then", "else", "propertyNames"];

/** Closes this schema and those inside it. Parts of `allOf` stay open: each sees only some of the properties. */
function close(report: Report, path: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const schema = value as Record<string, unknown>;
  refuseUnsafe(report, path, schema);
  const closed = Object.fromEntries(
    Object.entries(schema).map(([key, field]) => [key, closeField(report, path, key, field)]),
  );
  const describesObject = "properties" in schema || schema.type === "object";
  const saysMore = "additionalProperties" in schema || "unevaluatedProperties" in schema;
  if (!describesObject || saysMore) return closed;
  // Beside an `allOf` the parts' properties must count, which only unevaluatedProperties sees (JSON Schema 2020-12 §11.3).
  return "allOf" in schema || "$ref" in schema
    ? { ...closed, unevaluatedProperties: false }
    : { ...closed, additionalProperties: false };
}

function closeField(report: Report, path: string, key: string, field: unknown): unknown {
  const place = below(path, key);
  if (schemaSingles.includes(key))
    return key === "not" || key === "if" || key === "contains" ? field : close(report, place, field);
  if (schemaLists.includes(key) && Array.isArray(field))
    return field.map((part, index) => close(report, below(place, index), part));
  if (schemaRecords.includes(key) && typeof field === "object" && field !== null && !Array.isArray(field)) {
    return Object.fromEntries(
      Object.entries(field).map(([name, part]) => [name, close(report, below(place, name), part)]),
    );
  }
  return field;
}

function refuseUnsafe(report: Report, path: string, schema: Readonly<Record<string, unknown>>): void {
  if (schema.additionalProperties === true || schema.unevaluatedProperties === true) {
    addIssue(
      report,
      "route/body-schema",
      below(path, "additionalProperties"),
      "false or absent",
      true,
      "Name every property; unknown ones are refused.",
    );
  }
  const reference = schema.$ref ?? schema.$dynamicRef;
  if (reference !== undefined && (typeof reference !== "string" || !reference.startsWith("#"))) {
    addIssue(
      report,
      "route/body-schema",
      below(path, "$ref"),
      "a reference inside this schema",
      reference,
      "Copy the schema under $defs; nothing is fetched.",
    );
  }
}
