// Parses what arrives in a query or a path. Hostile input: the first mistake ends it.
import { ApiProblem } from "./api-problem.ts";

/** Longest note a person may write. */
const NOTE_LENGTH_MAX = 2_000;
const WORD_LENGTH_MAX = 100;
const TEXT_LENGTH_MAX = 320;

type Raw = Readonly<Record<string, unknown>>;

/** Refuses parameters that the route does not know: a misspelt filter must not show everything. */
export function queryOf(query: unknown, known: readonly string[]): Raw {
  const raw = (query ?? {}) as Raw;
  for (const name of Object.keys(raw)) {
    if (!known.includes(name)) throw invalid(`expected only ${known.join(", ") || "no parameters"}`);
  }
  return raw;
}

/** A whole number within bounds; undefined when absent. */
export function numberIn(raw: Raw, name: string, min: number, max: number): number | undefined {
  const value = raw[name];
  if (value === undefined) return undefined;
  const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= min && number <= max)) throw invalid(`${name}: expected a whole number from ${min} to ${max}`);
  return number;
}

/** A short word of the characters that ids, names and correlations have; undefined when absent. */
export function wordIn(raw: Raw, name: string): string | undefined {
  const value = raw[name];
  if (value === undefined) return undefined;
  if (typeof value !== "string" || value.length > WORD_LENGTH_MAX || !/^[A-Za-z0-9._:-]+$/.test(value)) {
    throw invalid(`${name}: expected letters, digits and . _ : - (at most ${WORD_LENGTH_MAX})`);
  }
  return value;
}

/** Text that people type: an address, or the name of an action. Undefined when absent or empty. */
export function textIn(raw: Raw, name: string): string | undefined {
  const value = raw[name];
  if (value === undefined || value === "") return undefined;
  if (typeof value !== "string" || value.length > TEXT_LENGTH_MAX || !/^[\x20-\x7e\u00a0-\uffff]+$/.test(value)) {
    throw invalid(`${name}: expected at most ${TEXT_LENGTH_MAX} printable characters`);
  }
  return value.trim() === "" ? undefined : value.trim();
}

export function oneOfIn<Word extends string>(raw: Raw, name: string, words: readonly Word[]): Word | undefined {
  const value = raw[name];
  if (value === undefined) return undefined;
  const word = words.find((each) => each === value);
  if (word === undefined) throw invalid(`${name}: expected one of ${words.join(", ")}`);
  return word;
}

/** The note of an acknowledgement: a person's own words, neither empty nor endless. */
export function noteOf(body: unknown): string {
  const note = typeof body === "object" && body !== null ? (body as Raw).note : undefined;
  if (typeof note !== "string" || note.trim() === "" || note.length > NOTE_LENGTH_MAX) {
    throw invalid(`note: expected 1 to ${NOTE_LENGTH_MAX} characters`);
  }
  return note.trim().replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "");
}

const invalid = (detail: string): ApiProblem => new ApiProblem("platform/input-invalid", `${detail}.`);
