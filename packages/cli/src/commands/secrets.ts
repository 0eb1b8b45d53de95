// `holdfast secrets`: where the secrets of a project are kept and how old they are; gives one a value, or another one. Values come from
// standard input alone: what stands on a command line is read by every process of the machine and kept by the shell.
import { openPolicySecrets } from "@holdfast/server";
import { hideSecret, type SecretState, type Secrets } from "@holdfast/vault";
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command, CommandInput } from "../command.ts";
import { typed } from "../command-name.ts";
import { openVaultAt } from "../deployment/open-vault.ts";
import { rotateDatabasePasswords } from "../deployment/rotate-passwords.ts";
import { withIdentity } from "../deployment/with-identity.ts";
import { loadProject, type Project } from "../project.ts";
import { projectFolder } from "../project-folder.ts";
import { readSecretInput } from "../secret-input.ts";
import { count } from "../terminal.ts";

/** Made here, and replaced here. */
const DATABASE = "database";
const SIGNING_KEY = "signing-key";
/** A receiver that changes from one to the next is sent signatures of both. */
const OVERLAPPING = "smsSecret";
const DAY_MS = 86_400_000;

export const secretsCommand: Command = {
  name: "secrets",
  summary: "List where secrets are kept and how old they are, give one a value from standard input, or replace one.",
  usage: "secrets list|set|rotate [name] [folder] [--json]",
  options: {},
  async run(input) {
    const [action = "list", ...rest] = input.words;
    switch (action) {
      case "list":
        return withSecrets(rest[0], (secrets) => list(secrets, input));
      case "set":
        return withSecrets(rest[1], (secrets) => set(secrets, nameOf(rest[0]), input));
      case "rotate":
        return rotate(nameOf(rest[0]), rest[1], input);
      default:
        throw misuse(`there is no ${JSON.stringify(action)} of secrets`);
    }
  },
};

const misuse = (found: string): CliError =>
  new CliError("cli/unknown-option", found, `usage: holdfast ${secretsCommand.usage}`);

/** Whoever gives a value as a word has told it to everybody; at least nobody is to do it twice. */
function nameOf(word: string | undefined): string {
  if (word === undefined) throw misuse("no secret was named");
  if (!word.includes("=")) return word;
  throw new CliError(
    "cli/secret-on-command-line",
    "a name was expected and no value: a command line is read by other processes and kept by the shell",
    `pipe the value: ${typed("secrets set name")} < file, and replace the one that was typed`,
  );
}

async function withSecrets<T>(
  word: string | undefined,
  work: (secrets: Secrets, project: Project) => Promise<T>,
): Promise<T> {
  const project = await loadProject(projectFolder(word));
  const vault = await openVaultAt(project.dataDirectory);
  const secrets = openPolicySecrets({
    policy: project.policy,
    vault,
    environment: process.env,
    now: Date.now,
    everyMs: 0,
  });
  try {
    return await work(secrets, project);
  } finally {
    secrets.close();
    await vault.close();
  }
}

async function list(secrets: Secrets, { terminal, json }: CommandInput): Promise<number> {
  const states = await secrets.states();
  json({ secrets: states });
  const width = Math.max(...states.map(({ name }) => name.length));
  for (const state of states) {
    terminal.line(
      `  ${state.name.padEnd(width)}  ${state.state.padEnd(11)} ${state.source} ${state.at}${ageOf(state)}`,
    );
  }
  terminal.line(`  Made here: ${DATABASE}, ${SIGNING_KEY}. ${typed(`secrets rotate ${DATABASE}`)} replaces them.`);
  return states.some(({ state }) => state === "unavailable" || state === "overdue") ? exitCodes.broken : exitCodes.held;
}

function ageOf({ changedAt, rotateSeconds }: SecretState): string {
  if (changedAt === null) return "";
  const age = `, ${count(Math.floor((Date.now() - changedAt) / DAY_MS), "day")} old`;
  return rotateSeconds === null ? age : `${age} of ${Math.round((rotateSeconds * 1000) / DAY_MS)}`;
}

async function set(secrets: Secrets, name: string, { terminal, json }: CommandInput): Promise<number> {
  const value = await readSecretInput(`The value of ${name}`);
  hideSecret(value, name);
  await secrets.write(name, value);
  json({ name, written: true });
  terminal.done(`${name} is kept. A running deployment takes it up within its lease.`);
  return exitCodes.held;
}

async function rotate(name: string, folder: string | undefined, input: CommandInput): Promise<number> {
  const { terminal, json } = input;
  if (name === SIGNING_KEY) {
    await withIdentity(projectFolder(folder), terminal, (identity) => identity.post("/admin/keys", {}));
    json({ name, rotated: true });
    terminal.done("Another key signs; tokens of the one before are believed until the last of them has run out.");
    return exitCodes.held;
  }
  if (name === DATABASE) {
    const roles = await rotateDatabasePasswords(await loadProject(projectFolder(folder)), terminal);
    json({ name, rotated: true, roles });
    terminal.done(`${count(roles.length, "login role")} have other passwords; those before open nothing any more.`);
    return exitCodes.held;
  }
  return withSecrets(folder, async (secrets) => {
    const before = await secrets.require(name);
    const value = await readSecretInput(`The next value of ${name}`);
    hideSecret(value, name);
    if (value === before)
      throw new CliError(
        "cli/secret-same",
        `another value was expected for ${name}; it is the same`,
        "give the new one",
      );
    const former = before.split("|")[0] ?? "";
    await secrets.write(name, name === OVERLAPPING && former !== value ? `${value}|${former}` : value);
    json({ name, rotated: true });
    terminal.done(`${name} has another value. A running deployment takes it up within its lease.`);
    if (name === OVERLAPPING) terminal.line("  Messages are signed with both until it is set once more.");
    return exitCodes.held;
  });
}
