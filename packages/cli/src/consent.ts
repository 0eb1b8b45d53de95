// A yes on the terminal, before something that cannot be taken back.
import { createInterface } from "node:readline/promises";
import { CliError } from "./cli-error.ts";

/** @param withYes the command that needs no answer, for whoever has no terminal. @throws CliError `cli/consent-missing` */
export async function isConsented(withYes: string): Promise<boolean> {
  if (process.stdin.isTTY !== true) {
    throw new CliError("cli/consent-missing", "this needs a yes, and there is no terminal to ask on", withYes);
  }
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question("Go on? [y/N] ");
  prompt.close();
  return /^y(es)?$/i.test(answer.trim());
}
