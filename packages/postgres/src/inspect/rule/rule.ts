// What a rule of the inspection is: one file in `rules/`, one question to PostgreSQL's catalogs, listed in `rules.ts`.
import type { ReadPolicy } from "../policy/read-policy.ts";
import type { Found, Severity } from "./finding.ts";
import type { Subject } from "./subject.ts";

interface Named {
  readonly id: string;
  readonly severity: Severity;
  /** The fault in one sentence. */
  readonly title: string;
  /** What follows from it. */
  readonly why: string;
  /** Numbers of Supabase's advisor that look at the same. */
  readonly advisor?: readonly string[];
}

/** A relation that not everybody may read, without which the rule sees nothing. */
export type Sight = string;

export type Row = Readonly<Record<string, unknown>>;

/**
 * A question in SQL. `$1` is the oids of the request roles (0: PUBLIC), `$2` the schemas left out; the common tables of
 * `catalog-tables.ts` know both. It gives one row for each fault, with a column `object`.
 */
export interface CatalogRule extends Named {
  readonly kind: "catalog";
  readonly query: string;
  readonly needs?: readonly Sight[];
  found(row: Row, subject: Subject): Found | undefined;
}

/** A judgement about one row level security policy. */
export interface PolicyRule extends Named {
  readonly kind: "policy";
  judge(policy: ReadPolicy, subject: Subject): Found | undefined;
}

/** A judgement about the plans PostgreSQL makes for the tables with policies. */
export interface PlanRule extends Named {
  readonly kind: "plan";
}

export type Rule = CatalogRule | PolicyRule | PlanRule;

export const text = (row: Row, column: string): string => String(row[column] ?? "");

export const texts = (row: Row, column: string): readonly string[] => {
  const value = row[column];
  return Array.isArray(value) ? value.map(String) : [];
};

/** "anon, authenticated" */
export const list = (names: readonly string[]): string => names.join(", ");
