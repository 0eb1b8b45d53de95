// Who can do what, and by which part of the policy: every route, page and table action for somebody with given roles, decided as
// far as it can be without a row. What remains to be asked about the row is said in words.
import type { Condition } from "./condition.ts";
import { conditionSentence } from "./condition-sentence.ts";
import { conditionText } from "./condition-text.ts";
import type { Subject } from "./decision.ts";
import type { Assurance, Policy, TableAction, TablePolicy } from "./policy.ts";
import { anonymous } from "./subject.ts";
import { holdsRole, type Meaning } from "./truth.ts";

/** One thing that can be done, and what the policy says about it for somebody. */
export interface Right {
  readonly kind: "route" | "page" | "table" | "column";
  /** `"GET /api/content"`, `/content/:id`, `content.update`, or of a masked column `letters.address`: to read it unmasked. */
  readonly action: string;
  readonly outcome: "allowed" | "conditional" | "refused";
  /** So only in a session that has passed a second factor; without it, refused. */
  readonly secondFactor: boolean;
  /** Place in the policy, for example `services.api.routes["POST /api/content"].allow`. */
  readonly path: string;
  /** The part at that place which decides, as its author writes it. */
  readonly because: string;
  /** What must hold for the row, as a sentence; empty unless conditional. */
  readonly condition: string;
}

const anyone: Condition = { kind: "anyone" };
const nobody: Condition = { kind: "nobody" };

/** Somebody of whom only the roles are known; the id stands for any. */
export function personWith(roles: readonly string[], assurance: Assurance): Subject {
  return { id: "00000000-0000-4000-8000-000000000000", kind: "person", roles, assurance, sessionId: null };
}

/** Everything the policy names, for a person who has these roles, in the order of the policy. Null: for nobody who is signed in. */
export function rightsOf(policy: Policy, roles: readonly string[] | null): readonly Right[] {
  return askedOf(policy).map((asked) => rightOf(policy, asked, roles));
}

/** Who reads the values of masked columns unmasked, of the rows that they may read at all. */
export function unmaskedRightsOf(policy: Policy, table: string, roles: readonly string[] | null): readonly Right[] {
  return Object.entries(policy.tables[table]?.columns ?? {}).flatMap(([column, { masked }]) => {
    if (masked === undefined) return [];
    const path = `tables.${table}.columns.${column}.unmaskedFor`;
    const parts = [{ path, condition: masked.unmaskedFor }];
    return [rightOf(policy, { kind: "column", action: `${table}.${column}`, parts }, roles)];
  });
}

function rightOf(policy: Policy, { kind, action, parts }: Asked, roles: readonly string[] | null): Right {
  if (roles === null) return { kind, action, ...decide(policy, parts, anonymous), secondFactor: false };
  const without = decide(policy, parts, personWith(roles, "aal1"));
  const withFactor = decide(policy, parts, personWith(roles, "aal2"));
  // Who would gain by the factor is told what they have with it.
  const secondFactor = ranks[withFactor.outcome] > ranks[without.outcome];
  return { kind, action, ...(secondFactor ? withFactor : without), secondFactor };
}

const ranks = { refused: 0, conditional: 1, allowed: 2 } as const;

interface Part {
  readonly path: string;
  readonly condition: Condition;
}

interface Asked {
  readonly kind: Right["kind"];
  readonly action: string;
  /** All of them must hold. */
  readonly parts: readonly Part[];
}

function askedOf(policy: Policy): readonly Asked[] {
  const routes = Object.entries(policy.services).flatMap(([service, { routes: named }]) =>
    Object.entries(named).map(([route, { allow }]) => ({
      kind: "route" as const,
      action: route,
      parts: [{ path: `services.${service}.routes[${JSON.stringify(route)}].allow`, condition: allow }],
    })),
  );
  const pages = Object.entries(policy.sites).flatMap(([site, { pages: named }]) =>
    Object.entries(named).map(([page, condition]) => ({
      kind: "page" as const,
      action: page,
      parts: [{ path: `sites.${site}.pages[${JSON.stringify(page)}]`, condition }],
    })),
  );
  const tables = Object.entries(policy.tables).flatMap(([table, rules]) =>
    (["select", "insert", "update", "delete"] as const).map((operation) => ({
      kind: "table" as const,
      action: `${table}.${operation}`,
      parts: partsOfTable(table, rules, operation),
    })),
  );
  return [...routes, ...pages, ...tables];
}

/** PostgreSQL asks whoever changes or deletes a row also whether they may read it. */
function partsOfTable(table: string, rules: TablePolicy, operation: TableAction): readonly Part[] {
  const part = (name: TableAction): Part => ({ path: `tables.${table}.${name}`, condition: rules[name] });
  const floor = rules.within === undefined ? [] : [{ path: `tables.${table}.within`, condition: rules.within }];
  const own = operation === "update" || operation === "delete" ? [part(operation), part("select")] : [part(operation)];
  return [...own, ...floor];
}

function decide(
  policy: Meaning,
  parts: readonly Part[],
  subject: Subject,
): Pick<Right, "outcome" | "path" | "because" | "condition"> {
  const left = parts.map((part) => ({ ...part, remains: remaining(policy, part.condition, subject) }));
  const deciding =
    left.find(({ remains }) => remains.kind === "nobody") ??
    left.find(({ remains }) => remains.kind !== "anyone") ??
    left[0];
  if (deciding === undefined) return { outcome: "refused", path: "", because: "", condition: "" };
  const { path } = deciding;
  const because = conditionText(decidingPart(policy, deciding.condition, subject));
  if (deciding.remains.kind === "nobody") return { outcome: "refused", path, because, condition: "" };
  if (deciding.remains.kind === "anyone") return { outcome: "allowed", path, because, condition: "" };
  const rows = left.map(({ remains }) => remains).filter(({ kind }) => kind !== "anyone");
  return { outcome: "conditional", path, because, condition: rows.map(conditionSentence).join("; and ") };
}

/** What is left to ask about the row once the subject is known: `anyone` for nothing, `nobody` when it cannot be. */
function remaining(policy: Meaning, condition: Condition, subject: Subject): Condition {
  const when = (holds: boolean): Condition => (holds ? anyone : nobody);
  switch (condition.kind) {
    case "signedIn":
      return when(subject.kind === "person");
    case "role":
      return when(holdsRole(policy, subject, condition.role));
    case "assurance":
      return when(subject.kind === "person" && subject.assurance === "aal2");
    case "service":
      return when(subject.kind === "service");
    case "all":
    case "any":
      return joined(
        condition.kind,
        condition.of.map((part) => remaining(policy, part, subject)),
      );
    // Whoever is not signed in owns nothing and belongs nowhere. PostgreSQL's answer is "unknown", whose opposite is no more true.
    case "owner":
    case "member":
      return subject.kind === "person" ? condition : nobody;
    case "not": {
      if (subject.kind !== "person" && asksWho(condition.of)) return condition;
      const inner = remaining(policy, condition.of, subject);
      if (inner.kind === "anyone" || inner.kind === "nobody") return when(inner.kind === "nobody");
      return { kind: "not", of: inner };
    }
    default:
      return condition;
  }
}

function asksWho(condition: Condition): boolean {
  switch (condition.kind) {
    case "owner":
    case "member":
      return true;
    case "all":
    case "any":
      return condition.of.some(asksWho);
    case "not":
      return asksWho(condition.of);
    default:
      return false;
  }
}

function joined(kind: "all" | "any", parts: readonly Condition[]): Condition {
  const [settles, vanishes] = kind === "all" ? [nobody, anyone] : [anyone, nobody];
  if (parts.some((part) => part.kind === settles.kind)) return settles;
  const open = parts.filter((part) => part.kind !== vanishes.kind);
  return open.length === 0 ? vanishes : open.length === 1 ? (open[0] as Condition) : { kind, of: open };
}

/** The smallest part of a condition that makes it come out as it does. */
function decidingPart(policy: Meaning, condition: Condition, subject: Subject): Condition {
  if (condition.kind !== "all" && condition.kind !== "any") return condition;
  const outcome = remaining(policy, condition, subject);
  if (outcome.kind !== "anyone" && outcome.kind !== "nobody") return outcome;
  // One part settles an `any` that holds and an `all` that does not; otherwise all parts together do.
  if ((outcome.kind === "anyone") !== (condition.kind === "any")) return condition;
  const part = condition.of.find((each) => remaining(policy, each, subject).kind === outcome.kind);
  return part === undefined ? condition : decidingPart(policy, part, subject);
}
