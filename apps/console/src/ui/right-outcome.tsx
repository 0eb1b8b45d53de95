// What somebody may do, as a word with a shape of its own.
import type { Right } from "@holdfast/server/api";

const words = { allowed: "● yes", conditional: "◐ if", refused: "○ no" } as const;

export function outcomeText({ outcome, secondFactor }: Pick<Right, "outcome" | "secondFactor">): string {
  return secondFactor ? `${words[outcome]}, after a second factor` : words[outcome];
}
