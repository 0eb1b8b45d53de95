// The one place where a name or a constant becomes SQL text. Everything is always quoted; what cannot be quoted is refused.
import type { ColumnType, Scalar } from "@holdfast/policy";
import { CompileError } from "../compile-error.ts";

/** NAMEDATALEN - 1: PostgreSQL cuts longer names off silently, so that two of them could become one. */
export const IDENTIFIER_BYTES_MAX = 63;

const NUL = "\u0000";
const encoder = new TextEncoder();

export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** `name` as a delimited identifier (PostgreSQL 18 §4.1.1). */
export function quoteIdentifier(name: string): string {
  const bytes = byteLength(name);
  if (bytes === 0 || bytes > IDENTIFIER_BYTES_MAX || name.includes(NUL) || !name.isWellFormed()) {
    throw new CompileError(
      "compile/identifier",
      `expected a name of 1 to ${IDENTIFIER_BYTES_MAX} bytes without NUL, found ${JSON.stringify(name)} (${bytes} bytes)`,
      "Rename the table or column.",
    );
  }
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteQualified(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** `text` as a string constant that means the same whatever `standard_conforming_strings` says (PostgreSQL 18 §4.1.2). */
export function quoteLiteral(text: string): string {
  if (text.includes(NUL) || !text.isWellFormed()) {
    throw new CompileError(
      "compile/constant",
      `expected a text without NUL and without lone surrogates, found ${JSON.stringify(text)}`,
      "PostgreSQL cannot store such a text, so no row can hold it; leave it out.",
    );
  }
  const doubled = text.replaceAll("'", "''");
  return doubled.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}

/** The body of a function between dollar quotes whose tag does not occur in it. */
export function quoteBody(body: string): string {
  let tag = "$holdfast$";
  for (let count = 1; body.includes(tag); count += 1) tag = `$holdfast${count}$`;
  return `${tag}${body}${tag}`;
}

/** Type names are qualified: a type a session made in `pg_temp` must never be found in their place. */
const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  uuid: "pg_catalog.uuid",
  text: "pg_catalog.text",
  integer: "pg_catalog.int4",
  bigint: "pg_catalog.int8",
  boolean: "pg_catalog.bool",
  timestamptz: "pg_catalog.timestamptz",
  date: "pg_catalog.date",
  numeric: "pg_catalog.numeric",
  jsonb: "pg_catalog.jsonb",
};

export function sqlType(type: ColumnType): string {
  return SQL_TYPES[type];
}

function scalarText(value: Scalar): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new CompileError(
      "compile/constant",
      `expected a finite number, found ${value}`,
      "Compare with a finite number.",
    );
  }
  return String(value);
}

/** A constant of the column's type. The text goes through the type's own input function. */
export function quoteConstant(value: Scalar, type: ColumnType): string {
  return `${quoteLiteral(scalarText(value))}::${sqlType(type)}`;
}

/** An array constant of the column's type. */
export function quoteArray(values: readonly Scalar[], type: ColumnType): string {
  const items = values.map((value) => quoteLiteral(scalarText(value)));
  return `ARRAY[${items.join(", ")}]::${sqlType(type)}[]`;
}
