// A change of the policy as a sentence for the person who has to say yes to it.
import type { Change, Effect, Isolation, Row, Subject, Verdict, Witness } from "@holdfast/policy";

const effectWords: Readonly<Record<Effect, string>> = {
  looser: "▲ looser ",
  tighter: "▼ tighter",
  changed: "◆ changed",
  equivalent: "= same   ",
};

const TEXT_CHARACTERS_MAX = 160;

/** The sentence, and below it somebody whom the change lets in or shuts out. */
export function describeChange({ path, kind, effect, before, after, gained, lost }: Change): string[] {
  const change =
    kind === "added"
      ? `new: ${cut(after)}`
      : kind === "removed"
        ? `gone: ${cut(before)}`
        : `was ${cut(before)}, becomes ${cut(after)}`;
  return [
    `${effectWords[effect]}  ${path}: ${change}`,
    ...(gained === undefined ? [] : [`             lets in ${describeWitness(gained)}`]),
    ...(lost === undefined ? [] : [`             shuts out ${describeWitness(lost)}`]),
  ];
}

/** Nothing where nothing changed. */
export function verdictLines(verdict: Verdict | null): readonly string[] {
  switch (verdict?.outcome) {
    case "proven":
      return ["Not wider than before: proven. Nobody may do what they might not before."];
    case "wider":
      return [`Wider than before: ${verdict.changes.map(({ path }) => path).join(", ")}.`];
    case "undecided":
      return [`Not proven to be no wider than before: ${verdict.changes.map(({ path }) => path).join(", ")}.`];
    case undefined:
      return [];
  }
}

const isolationWords: Readonly<Record<Isolation["outcome"], string>> = {
  proven: "proven: tenants cannot meet here",
  floor: "kept apart by the floor alone; without it the condition would let in",
  open: "OPEN: a membership can be written by",
  undecided: "not decided: too many cases",
};

export function isolationLines(found: readonly Isolation[]): readonly string[] {
  return found.map(({ path, outcome, witness }) => {
    const who = witness === undefined ? "" : ` ${describeWitness(witness)}`;
    return `Tenants, ${path}: ${isolationWords[outcome]}${who}.`;
  });
}

function describeWitness({ subject, row, tables, now }: Witness): string {
  const related = Object.entries(tables).filter(([, rows]) => rows.length > 0);
  return [
    describeSubject(subject),
    ...(row === null ? [] : [`at a row with ${describeRow(row, subject.id)}`]),
    ...(now === undefined ? [] : [`on ${new Date(now).toISOString()}`]),
    ...related.map(([table, rows]) => `and ${table} holding ${describeRow(rows[0] ?? {}, subject.id)}`),
  ].join(", ");
}

function describeSubject({ kind, roles, assurance }: Subject): string {
  if (kind === "anonymous") return "who is not signed in";
  if (kind === "service") return "the service key";
  const held = roles.length === 0 ? "no role" : roles.join(" and ");
  return `somebody with ${held}${assurance === "aal2" ? " and a second factor" : ""}`;
}

function describeRow(row: Row, own: string | null): string {
  const told = Object.entries(row).map(([column, value]) =>
    value !== null && value === own ? `${column} their own` : `${column} ${JSON.stringify(value)}`,
  );
  return told.length === 0 ? "any values" : told.join(", ");
}

const cut = (text: string | null): string =>
  text !== null && text.length > TEXT_CHARACTERS_MAX ? `${text.slice(0, TEXT_CHARACTERS_MAX)}…` : String(text);
