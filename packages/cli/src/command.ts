// What a command of `holdfast` is: one file in commands/, listed in commands.ts.
import type { ParseArgsOptionsConfig } from "node:util";
import type { Terminal } from "./terminal.ts";

export interface CommandInput {
  /** Words after the command's name that are not options. */
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  /** Human output; silent with `--json`. */
  readonly terminal: Terminal;
  /** Writes the one JSON document of `--json`; without it, nothing. */
  readonly json: (document: unknown) => void;
}

export interface Command {
  readonly name: string;
  /** One line for `holdfast help`. */
  readonly summary: string;
  readonly usage: string;
  readonly options: ParseArgsOptionsConfig;
  /** Resolves with the exit code. */
  run(input: CommandInput): Promise<number>;
}
