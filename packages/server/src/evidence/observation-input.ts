// Parses what a check reports. Hostile input: the first mistake ends it. Whatever passes may be chained and counted.
import type { Exchange, Observation } from "@holdfast/policy";

/** Most observations in one report. */
const OBSERVATIONS_MAX = 200;
const TRANSCRIPT_EXCHANGES_MAX = 20;
const SENTENCE_LENGTH_MAX = 1_000;
const EXCHANGE_LENGTH_MAX = 4_000;
const NAME_LENGTH_MAX = 200;
/** How far a check's clock may be ahead of ours. */
const CLOCK_SKEW_MS = 60_000;
/** Longest time a check may take. */
const RUN_MS_MAX = 24 * 60 * 60_000;

export type ObservationProblemCode = "evidence/invalid" | "evidence/unknown-check" | "evidence/from-the-future";

/** Why a report was refused: nothing of it was recorded. */
export class ObservationProblem extends Error {
  readonly code: ObservationProblemCode;

  constructor(code: ObservationProblemCode, message: string) {
    super(message);
    this.name = "ObservationProblem";
    this.code = code;
  }
}

export interface ObservationRules {
  readonly knownChecks: ReadonlySet<string>;
  readonly now: number;
}

const observationKeys: ReadonlySet<string> = new Set([
  "check",
  "version",
  "result",
  "looked",
  "seen",
  "startedAt",
  "finishedAt",
  "policyHash",
  "target",
  "transcript",
  "sabotage",
]);

/**
 * Reads the body of a report.
 * @throws ObservationProblem
 */
export function parseObservations(body: unknown, rules: ObservationRules): readonly Observation[] {
  const { observations } = record(body, "the body", new Set(["observations"]));
  if (!Array.isArray(observations) || observations.length === 0 || observations.length > OBSERVATIONS_MAX) {
    throw invalid("observations", `a list of 1 to ${OBSERVATIONS_MAX}`);
  }
  return observations.map((each, index) => parseObservation(each, `observations[${index}]`, rules));
}

function parseObservation(value: unknown, path: string, rules: ObservationRules): Observation {
  const input = record(value, path, observationKeys);
  const check = text(input.check, `${path}.check`, NAME_LENGTH_MAX);
  if (!rules.knownChecks.has(check)) {
    throw new ObservationProblem("evidence/unknown-check", `${path}.check: no control asks for this check.`);
  }
  const startedAt = whole(input.startedAt, `${path}.startedAt`);
  const finishedAt = whole(input.finishedAt, `${path}.finishedAt`);
  if (finishedAt < startedAt || finishedAt - startedAt > RUN_MS_MAX) {
    throw invalid(`${path}.finishedAt`, "at or after startedAt, and within a day of it");
  }
  if (finishedAt > rules.now + CLOCK_SKEW_MS) {
    throw new ObservationProblem("evidence/from-the-future", `${path}.finishedAt lies in the future.`);
  }
  const observation = {
    check,
    version: pattern(input.version, `${path}.version`, /^[A-Za-z0-9._:-]{1,128}$/),
    result: oneOf(input.result, `${path}.result`, ["held", "broken", "unproven"] as const),
    looked: whole(input.looked, `${path}.looked`),
    seen: text(input.seen, `${path}.seen`, SENTENCE_LENGTH_MAX),
    startedAt,
    finishedAt,
    policyHash: pattern(input.policyHash, `${path}.policyHash`, /^[0-9a-f]{64}$/),
    target: text(input.target, `${path}.target`, NAME_LENGTH_MAX),
    transcript: transcript(input.transcript, `${path}.transcript`),
    ...(input.sabotage === undefined ? {} : { sabotage: sabotage(input.sabotage, `${path}.sabotage`) }),
  };
  if (observation.looked === 0 && observation.result !== "unproven") {
    throw invalid(`${path}.looked`, "at least 1: a check that looked at nothing proves nothing");
  }
  return observation;
}

function transcript(value: unknown, path: string): readonly Exchange[] {
  if (!Array.isArray(value) || value.length > TRANSCRIPT_EXCHANGES_MAX) {
    throw invalid(path, `a list of at most ${TRANSCRIPT_EXCHANGES_MAX}`);
  }
  return value.map((each, index) => {
    const at = `${path}[${index}]`;
    const exchange = record(each, at, new Set(["request", "expected", "got", "event"]));
    return {
      request: text(exchange.request, `${at}.request`, EXCHANGE_LENGTH_MAX),
      expected: text(exchange.expected, `${at}.expected`, EXCHANGE_LENGTH_MAX),
      got: text(exchange.got, `${at}.got`, EXCHANGE_LENGTH_MAX),
      ...(exchange.event === undefined ? {} : { event: text(exchange.event, `${at}.event`, EXCHANGE_LENGTH_MAX) }),
    };
  });
}

function sabotage(value: unknown, path: string): NonNullable<Observation["sabotage"]> {
  const input = record(value, path, new Set(["name", "result"]));
  return {
    name: text(input.name, `${path}.name`, NAME_LENGTH_MAX),
    result: oneOf(input.result, `${path}.result`, ["caught", "missed", "unproven"] as const),
  };
}

const invalid = (path: string, expected: string): ObservationProblem =>
  new ObservationProblem("evidence/invalid", `${path}: expected ${expected}.`);

function record(value: unknown, path: string, keys: ReadonlySet<string>): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(path, "an object");
  for (const key of Object.keys(value)) {
    if (!keys.has(key)) throw invalid(path, `only the properties ${[...keys].join(", ")}`);
  }
  return value as Record<string, unknown>;
}

/** Line breaks and tabs are kept: transcripts have lines. Every other control, format or lone surrogate becomes its code point. */
const dangerous = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

function text(value: unknown, path: string, lengthMax: number): string {
  if (typeof value !== "string" || value.length > lengthMax) throw invalid(path, `a string of at most ${lengthMax}`);
  return value.replace(dangerous, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

function pattern(value: unknown, path: string, expression: RegExp): string {
  if (typeof value !== "string" || !expression.test(value)) throw invalid(path, `a string like ${expression.source}`);
  return value;
}

function whole(value: unknown, path: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw invalid(path, "a whole number, not negative");
  return value as number;
}

function oneOf<Word extends string>(value: unknown, path: string, words: readonly Word[]): Word {
  const word = words.find((each) => each === value);
  if (word === undefined) throw invalid(path, words.join(", "));
  return word;
}
