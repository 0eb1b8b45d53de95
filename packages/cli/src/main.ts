#!/usr/bin/env node
// The command `holdfast`: finds the command, parses its options, turns errors into sentences and exit codes.
import { parseArgs } from "node:util";
import { withoutSecrets } from "@holdfast/vault";
import { CliError, exitCodes } from "./cli-error.ts";
import type { Command } from "./command.ts";
import { commands } from "./commands.ts";
import { describeError } from "./describe-error.ts";
import { guardLastWords } from "./last-words.ts";
import { ownVersion } from "./own-version.ts";
import { openTerminal, silentTerminal, visible } from "./terminal.ts";

async function main(words: readonly string[]): Promise<number> {
  const [name = "help", ...rest] = words;
  const screen = openTerminal(process.stdout);
  if (["help", "--help", "-h"].includes(name)) {
    for (const line of helpLines()) screen.line(line);
    return exitCodes.held;
  }
  if (name === "--version") {
    screen.line(ownVersion());
    return exitCodes.held;
  }
  const command = commands.find((each) => each.name === name);
  if (command === undefined) {
    throw new CliError(
      "cli/unknown-command",
      `there is no command ${JSON.stringify(name)}`,
      `commands: ${commands.map((each) => each.name).join(", ")}`,
    );
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    screen.line(`holdfast ${command.usage}\n\n${command.summary}`);
    return exitCodes.held;
  }
  const { values, positionals } = parseWords(command, rest);
  const isJson = values["json"] === true;
  return command.run({
    words: positionals,
    options: values as Record<string, string | boolean | undefined>,
    terminal: isJson ? silentTerminal : screen,
    json(document) {
      if (isJson) process.stdout.write(withoutSecrets(`${JSON.stringify(document, undefined, 2)}\n`));
    },
  });
}

function parseWords(command: Command, words: readonly string[]): ReturnType<typeof parseArgs> {
  try {
    return parseArgs({
      args: [...words],
      options: { ...command.options, json: { type: "boolean" } },
      allowPositionals: true,
    });
  } catch (cause) {
    // parseArgs throws on an unknown option or a missing value; its sentence names it.
    throw new CliError(
      "cli/unknown-option",
      cause instanceof Error ? cause.message : String(cause),
      `usage: holdfast ${command.usage}`,
      cause,
    );
  }
}

function helpLines(): readonly string[] {
  const width = Math.max(...commands.map((command) => command.name.length));
  return [
    "holdfast: one security policy, enforced at every layer, and proven by attacking it.",
    "",
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    `  ${"--version".padEnd(width)}  Print the version.`,
    "",
    "Every command takes --json. Exit codes: 0 held, 1 broken, 2 unproven, 3 misuse or failure.",
  ];
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader such as `head` may close the pipe before everything is written: that is its right, and no failure.
  if (error.code !== "EPIPE") throw error;
});

/** Whatever went wrong is told once, without a secret, and the exit code says so. */
function tellLast(error: unknown): void {
  const isJson = process.argv.includes("--json");
  const told = describeError(error);
  if (isJson) process.stdout.write(`${withoutSecrets(JSON.stringify({ error: told.document }, undefined, 2))}\n`);
  else process.stderr.write(`${withoutSecrets(visible(told.lines.join("\n")))}\n`);
  process.exitCode = exitCodes.misuse;
}

guardLastWords(tellLast);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // The last resort of the process.
  tellLast(error);
}
