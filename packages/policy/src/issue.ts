// What is wrong with an author's policy: all of it at once, each with its place, what was expected and what was found.
import type { issueKinds } from "./issue-kinds.ts";

/** Code of an issue, for example `role/undeclared`. */
export type IssueCode = keyof typeof issueKinds;

/** One mistake in the input of `defineSecurity`. */
export interface PolicyIssue {
  /** Stable; the README of this package lists every code. */
  readonly code: IssueCode;
  /** Where, for example `tables.content.select.of[1]` or `services.api.routes["GET /api/content"].limit`. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
  readonly hint: string;
}

/** Thrown by `defineSecurity`; a mistake of the author, never of a visitor. */
export class PolicyError extends Error {
  readonly code = "policy/invalid";
  readonly issues: readonly PolicyIssue[];

  constructor(issues: readonly PolicyIssue[]) {
    super(
      `the policy has ${issues.length === 1 ? "1 mistake" : `${issues.length} mistakes`}\n${describeIssues(issues)}`,
    );
    this.name = "PolicyError";
    this.issues = issues;
  }
}

/** Plain text for a terminal: one paragraph for each issue, in the order of the input. */
export function describeIssues(issues: readonly PolicyIssue[]): string {
  return issues
    .map(
      (issue) =>
        `\n  ${issue.path === "" ? "(the whole input)" : issue.path}  [${issue.code}]\n    expected ${issue.expected}\n    found    ${issue.found}\n    ${issue.hint}`,
    )
    .join("\n");
}
