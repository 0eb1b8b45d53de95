// One place where a live database is not what the policy was compiled to, and the SQL that puts it right.

/** Every code, with what it means. The obstacles come first: apply cannot remove them. */
export const differenceCodes = {
  "drift/base-role": "a role of the base migrations is missing",
  "drift/table-missing": "a table of the policy does not exist",
  "drift/table-kind": "a table of the policy is a view or something else",
  "drift/column-missing": "a column of the policy does not exist",
  "drift/column-type": "a column has another type than the policy says",
  "drift/column-nullability": "a column may be null that the policy says is not",
  "drift/reader-role": "the role that reads for the sets is missing or has other attributes",
  "drift/role-attribute": "a role of requests passes row level security, or more",
  "drift/role-membership": "a role of requests, or the reader, is a member of another role",
  "drift/schema": "a schema is missing",
  "drift/schema-grant": "somebody may use or create in a schema who should not, or may not who should",
  "drift/owner": "a table is not owned by holdfast_owner",
  "drift/row-security": "row level security is not enabled and forced",
  "drift/grant-missing": "a right of the policy is missing",
  "drift/grant-unexpected": "somebody has a right the policy does not give",
  "drift/policy-missing": "a compiled policy is missing",
  "drift/policy-changed": "a policy is not what was compiled",
  "drift/policy-unexpected": "there is a policy that was not compiled",
  "drift/index-missing": "a policy would read every row for want of an index",
  "drift/set-missing": "a set function is missing",
  "drift/set-changed": "a set function has another text, owner, right or setting",
  "drift/set-unexpected": "there is a function among the sets that was not compiled",
  "drift/masker-role": "the role that owns the masked views, or their schema, is missing or is more than that",
  "drift/view-missing": "a masked view is missing",
  "drift/view-changed": "a masked view has another query, owner, right or setting",
  "drift/view-unexpected": "there is a view among the masked ones that was not compiled",
  "drift/audit-trigger": "a trigger of an audited table is missing, off, or another than was compiled",
  "drift/audit-unexpected": "a table has an audit trigger that the policy does not audit",
  "drift/unlisted-open": "a table, partition or sequence the policy does not name is open",
  "drift/base-function": "a function of the schema holdfast is another than when the policy was applied",
  "drift/manifest": "another policy was applied last",
} as const;

export type DifferenceCode = keyof typeof differenceCodes;

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
