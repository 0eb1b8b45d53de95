// Which checks prove the controls somebody asked for.
import { type Control, controlById, controls } from "@holdfast/policy";
import { type Check, checks } from "@holdfast/probes";
import { CliError } from "../cli-error.ts";
import { typed } from "../command-name.ts";

export interface Choice {
  readonly controls: readonly Control[];
  readonly checks: readonly Check[];
}

/** Control ids or check ids; none means every control that has a check. */
export function chosenChecks(words: readonly string[]): Choice {
  if (words.length === 0) return { controls: controls.filter((control) => control.checks.length > 0), checks };
  const chosen = words.flatMap((word) => controlsNamed(word));
  const ids = new Set(words.flatMap((word) => controlById(word)?.checks ?? [word.toUpperCase(), word]));
  return { controls: [...new Set(chosen)], checks: checks.filter((check) => ids.has(check.id)) };
}

function controlsNamed(word: string): readonly Control[] {
  const control = controlById(word);
  if (control !== undefined) return [control];
  const check = checks.find((each) => each.id === word || each.id === word.toUpperCase());
  if (check !== undefined) return controls.filter((each) => each.checks.includes(check.id));
  throw new CliError(
    "cli/unknown-control",
    `there is no control and no check ${JSON.stringify(word)}`,
    `${typed("explain")} lists the controls`,
  );
}
