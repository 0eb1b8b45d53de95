// One place where a live database is not what the policy was compiled to, and the SQL that puts it right.

export type DifferenceCode =
  /** Obstacles: only a migration of the application, or an administrator, can remove them. */
  | "drift/table-missing"
  | "drift/table-kind"
  | "drift/column-missing"
  | "drift/column-type"
  | "drift/column-nullability"
  | "drift/base-role"
  /** What apply changes. */
  | "drift/reader-role"
  | "drift/role-attribute"
  | "drift/role-membership"
  | "drift/schema"
  | "drift/schema-grant"
  | "drift/owner"
  | "drift/row-security"
  | "drift/grant-missing"
  | "drift/grant-unexpected"
  | "drift/policy-missing"
  | "drift/policy-changed"
  | "drift/policy-unexpected"
  | "drift/index-missing"
  | "drift/set-missing"
  | "drift/set-changed"
  | "drift/set-unexpected"
  | "drift/unlisted-open"
  | "drift/manifest";

export interface Difference {
  readonly code: DifferenceCode;
  /** What it is about, for example `public.content`. */
  readonly object: string;
  readonly expected: string;
  readonly found: string;
  /** What apply runs, in order; empty for an obstacle. */
  readonly sql: readonly string[];
}

/** Nothing apply may do by itself. */
export function isObstacle(difference: Difference): boolean {
  return difference.sql.length === 0;
}

/** One line for people. */
export function describeDifference(difference: Difference): string {
  return `${difference.object}: expected ${difference.expected}, found ${difference.found}  [${difference.code}]`;
}
