import type { LintFinding } from "@holdfast/compile";
import { type Difference, describeDifference } from "./difference.ts";

/** Every code, with what it means. */
export const databasePolicyErrorCodes = {
  "apply/obstacle": "a table, column or base role is missing or of another kind; only a migration can put that right",
  "apply/refused": "a lint finding of the severity refused",
  "apply/not-converged": "after every statement there is still a difference; everything was rolled back",
} as const;

export type DatabasePolicyErrorCode = keyof typeof databasePolicyErrorCodes;

/** The policy was not applied, and nothing of it is in the database. */
export class DatabasePolicyError extends Error {
  readonly code: DatabasePolicyErrorCode;
  readonly differences: readonly Difference[];
  readonly findings: readonly LintFinding[];
  readonly hint: string;

  constructor(
    code: DatabasePolicyErrorCode,
    hint: string,
    because: { readonly differences?: readonly Difference[]; readonly findings?: readonly LintFinding[] },
  ) {
    const differences = because.differences ?? [];
    const findings = because.findings ?? [];
    const lines = [
      ...differences.map(describeDifference),
      ...findings.map((found) => `${found.object}: ${found.message}  [${found.code}]`),
    ];
    super(`the policy was not applied, nothing was changed\n${lines.map((line) => `  ${line}`).join("\n")}\n${hint}`);
    this.name = "DatabasePolicyError";
    this.code = code;
    this.differences = differences;
    this.findings = findings;
    this.hint = hint;
  }
}
