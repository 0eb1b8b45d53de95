// A body that a schema accepts, so that a check can make an object and so that what is attacked is the rule, not the form.
import { randomUUID } from "node:crypto";
import type { JsonSchema } from "@holdfast/policy";

const DEPTH_MAX = 8;

/** The smallest object the schema accepts: required properties only, `text` wherever free text is asked for, `id` for any id. */
export function sampleBody(schema: JsonSchema, text: string, id: string = randomUUID()): unknown {
  return sample(schema, { text, id }, 0);
}

interface Words {
  readonly text: string;
  readonly id: string;
}

function sample(schema: JsonSchema, words: Words, depth: number): unknown {
  if (depth > DEPTH_MAX) return null;
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  const choice = [schema["anyOf"], schema["oneOf"], schema["allOf"]].find((list) => Array.isArray(list)) as
    | JsonSchema[]
    | undefined;
  if (choice?.[0]) return sample(choice[0], words, depth + 1);
  const type = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  switch (type) {
    case "object":
      return sampleObject(schema, words, depth);
    case "array":
      return sampleArray(schema, words, depth);
    case "integer":
    case "number":
      return typeof schema["minimum"] === "number" ? schema["minimum"] : 1;
    case "boolean":
      return false;
    case "null":
      return null;
    default:
      return sampleText(schema, words);
  }
}

function sampleObject(schema: JsonSchema, words: Words, depth: number): Record<string, unknown> {
  const properties = (schema["properties"] ?? {}) as Record<string, JsonSchema>;
  const required = Array.isArray(schema["required"]) ? (schema["required"] as string[]) : [];
  return Object.fromEntries(required.map((name) => [name, sample(properties[name] ?? {}, words, depth + 1)]));
}

function sampleArray(schema: JsonSchema, words: Words, depth: number): unknown[] {
  const count = typeof schema["minItems"] === "number" ? schema["minItems"] : 0;
  return Array.from({ length: count }, () => sample((schema["items"] ?? {}) as JsonSchema, words, depth + 1));
}

function sampleText(schema: JsonSchema, { text, id }: Words): string {
  switch (schema["format"]) {
    case "uuid":
      return id;
    case "email":
      return "probe@probe.invalid";
    case "date-time":
      return new Date().toISOString();
    default: {
      const least = typeof schema["minLength"] === "number" ? schema["minLength"] : 0;
      const most = typeof schema["maxLength"] === "number" ? schema["maxLength"] : text.length;
      return text.padEnd(least, "x").slice(0, Math.max(least, most));
    }
  }
}

/** Names of the free-text properties of an object schema: strings without format, pattern or choice. */
export function textProperties(schema: JsonSchema): string[] {
  const properties = (schema["properties"] ?? {}) as Record<string, JsonSchema>;
  return Object.entries(properties)
    .filter(
      ([, property]) =>
        property["type"] === "string" && !property["enum"] && !property["format"] && !property["pattern"],
    )
    .map(([name]) => name);
}
