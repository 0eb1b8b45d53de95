// Turns any error into what a person, or a program with --json, is told. A policy's mistakes come all at once.
import { PolicyError } from "@holdfast/policy";

export interface ToldError {
  readonly lines: readonly string[];
  readonly document: Readonly<Record<string, unknown>>;
}

interface Coded {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly cause?: unknown;
}

export function describeError(error: unknown): ToldError {
  if (error instanceof PolicyError) {
    const lines = error.issues.flatMap((issue) => [
      `  ${issue.path}`,
      `    expected ${issue.expected}, found ${issue.found}`,
      `    ${issue.hint}  [${issue.code}]`,
    ]);
    const count = error.issues.length;
    return {
      lines: [`✗ The policy has ${count} mistake${count === 1 ? "" : "s"}:`, ...lines],
      document: { code: error.code, issues: error.issues },
    };
  }
  if (isCoded(error)) {
    const isSaid = error.hint === undefined || error.message.includes(error.hint);
    const hint = isSaid ? [] : [`  ${error.hint}`];
    return {
      lines: [`✗ ${error.message}`, ...hint, `  [${error.code}]`],
      document: { code: error.code, message: error.message, hint: error.hint },
    };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    lines: ["✗ Something went wrong that Holdfast did not expect:", message],
    document: { code: "cli/unexpected", message },
  };
}

function isCoded(error: unknown): error is Coded {
  return (
    error instanceof Error &&
    typeof (error as { code?: unknown }).code === "string" &&
    (error as unknown as Coded).code.includes("/")
  );
}
