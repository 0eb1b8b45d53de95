// `holdfast keys`: every key of a deployment that runs or is stopped: those that sign access tokens, service keys, and the data
// keys of the vault.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command, CommandInput } from "../command.ts";
import { typed } from "../command-name.ts";
import { isConsented } from "../consent.ts";
import type { PlatformClient } from "../deployment/platform-client.ts";
import { withIdentity } from "../deployment/with-identity.ts";
import {
  dataKeys,
  isDataClass,
  namedKey,
  printDataKeys,
  rotateDataKeys,
  sealedStatus,
  withVault,
} from "../keys/data-keys.ts";
import { projectFolder } from "../project-folder.ts";
import { count, type Terminal } from "../terminal.ts";

interface SigningKey {
  readonly kid: string;
  readonly state: "current" | "retired" | "revoked";
  readonly made_at: string;
  readonly sessions: number;
  readonly service_keys: number;
}

interface ServiceKey {
  readonly id: string;
  readonly kid: string;
  readonly label: string;
  readonly made_at: string;
  readonly expires_at: string;
}

interface Keys {
  readonly signing_keys: readonly SigningKey[];
  readonly service_keys: readonly ServiceKey[];
}

interface Revoked {
  readonly sessions: number;
  readonly sessions_ended: boolean;
  readonly service_keys: number;
}

const KEYS = "/admin/keys";
/** So much of a key's id is enough to name it, when no other begins alike. */
const PREFIX_CHARACTERS_MIN = 6;
const MINUTE_CHARACTERS = 16;

export const keysCommand: Command = {
  name: "keys",
  summary: "List every key with its purpose, rotate one, revoke one that leaked, or destroy the keys of a subject.",
  usage:
    "keys list|status|rotate|revoke|shred [key, data class or subject] [folder] [--continue] [--rows-per-second number] [--sessions] [--yes] [--json]",
  options: {
    continue: { type: "boolean" },
    "rows-per-second": { type: "string" },
    sessions: { type: "boolean" },
    yes: { type: "boolean" },
  },
  async run(input) {
    const [action = "list", ...rest] = input.words;
    switch (action) {
      case "list":
        return list(projectFolder(rest[0]), input);
      case "status":
        return status(projectFolder(rest[0]), input);
      case "rotate":
        return rotateNamed(rest, input);
      case "revoke": {
        const [named, folder] = rest;
        if (named === undefined) throw misuse("no key was named");
        return revokeNamed(named, projectFolder(folder), input);
      }
      case "shred": {
        const [subject, folder] = rest;
        if (subject === undefined) throw misuse("no subject was named");
        return shred(subject, projectFolder(folder), input);
      }
      default:
        throw misuse(`there is no ${JSON.stringify(action)} of keys`);
    }
  },
};

const misuse = (found: string): CliError =>
  new CliError("cli/unknown-option", found, `usage: holdfast ${keysCommand.usage}`);

async function list(folder: string, { terminal, json }: CommandInput): Promise<number> {
  const keys = await withIdentity(folder, terminal, (identity) => identity.get<Keys>(KEYS));
  const data = await dataKeys(dataDirectoryOf(folder));
  json({ ...keys, data_keys: data });
  print(terminal, keys);
  printDataKeys(terminal, data);
  return exitCodes.held;
}

const dataDirectoryOf = (folder: string): string => resolve(folder, ".holdfast");

async function status(folder: string, { terminal, json }: CommandInput): Promise<number> {
  const columns = await sealedStatus(folder, terminal);
  json({ columns });
  for (const { column, sealed, values, older } of columns) {
    const rest = older === 0 ? "all under the keys that seal now" : `${older} under older keys`;
    terminal.line(`  ${column.padEnd(24)} ${sealed ? `sealed: ${count(values, "value")}, ${rest}` : "NOT SEALED YET"}`);
  }
  if (columns.length === 0) terminal.line("The policy seals no column.");
  return columns.every(({ sealed, older }) => sealed && older === 0) ? exitCodes.held : exitCodes.unproven;
}

/** A word that names a class of data rotates its keys; without one it is the key that signs tokens. */
async function rotateNamed(words: readonly string[], input: CommandInput): Promise<number> {
  const [word, folder] = words;
  const inFolder = projectFolder(folder);
  const data = existsSync(join(dataDirectoryOf(inFolder), "vault")) ? await dataKeys(dataDirectoryOf(inFolder)) : [];
  if (word !== undefined && !isDataClass(data, word) && !existsSync(resolve(word))) throw noClass(word, data);
  if (word === undefined || !isDataClass(data, word))
    return withIdentity(projectFolder(word), input.terminal, (identity) => rotate(identity, input));
  const rotated = await rotateDataKeys(inFolder, word, input.options, input.terminal);
  input.json(rotated);
  input.terminal.done(
    `${count(rotated.keys, "key")} of ${word} rotated, ${count(rotated.resealed, "value")} sealed anew.`,
  );
  input.terminal.line("Older versions still open what backups hold. Destroy nothing that a restore may need.");
  if (rotated.left === 0) return exitCodes.held;
  input.terminal.warn(
    `${count(rotated.left, "value")} could not be sealed anew: ${typed(`keys rotate ${word} --continue`)} tries again.`,
  );
  return exitCodes.broken;
}

async function revokeNamed(named: string, folder: string, input: CommandInput): Promise<number> {
  const { terminal, options, json } = input;
  const directory = dataDirectoryOf(folder);
  const data = existsSync(join(directory, "vault")) ? await dataKeys(directory) : [];
  const key = namedKey(data, named, PREFIX_CHARACTERS_MIN);
  if (key === undefined) return withIdentity(folder, terminal, (identity) => revoke(identity, named, input));
  terminal.line(`Revokes the data key ${key.id} (${key.purpose} ${key.data_class}, version ${key.version}).`);
  terminal.line(
    "  Whatever it sealed cannot be read any more, from here or from any backup. Rotate first to keep it readable.",
  );
  if (options["yes"] !== true && !(await isConsented(typed(`keys revoke ${named} --yes`)))) return exitCodes.misuse;
  await withVault(directory, (vault) => vault.keyring.revoke(key.id));
  json({ id: key.id, state: "revoked" });
  terminal.done("Revoked: refused within seconds wherever this vault is open.");
  return exitCodes.held;
}

async function shred(subject: string, folder: string, { terminal, options, json }: CommandInput): Promise<number> {
  const directory = dataDirectoryOf(folder);
  const data = existsSync(join(directory, "vault")) ? await dataKeys(directory) : [];
  const own = data.filter((key) => key.subject === subject.toLowerCase());
  terminal.line(`Destroys ${count(own.length, "data key")} of ${subject}, for good, and makes no other for them.`);
  terminal.line(
    "  Their sealed values read as null from then on, in this database and in every restored backup of it.",
  );
  terminal.line("  A copy of the vault's folder brings the keys back: shred there too, or remove the copy.");
  if (options["yes"] !== true && !(await isConsented(typed(`keys shred ${subject} --yes`)))) return exitCodes.misuse;
  const keys = await withVault(directory, (vault) => vault.keyring.shred(subject.toLowerCase()));
  json({ subject, keys });
  if (keys === 0) {
    terminal.warn(`No data key was of ${subject}: nothing was destroyed. None is made for them from now on.`);
    return exitCodes.unproven;
  }
  terminal.done(`${count(keys, "key")} destroyed.`);
  return exitCodes.held;
}

const minute = (moment: string): string => moment.slice(0, MINUTE_CHARACTERS).replace("T", " ");

function print(terminal: Terminal, keys: Keys): void {
  terminal.line("Signing keys");
  for (const key of keys.signing_keys) {
    const hangs = `${count(key.sessions, "session")}, ${count(key.service_keys, "service key")}`;
    terminal.line(`  ${key.kid}  ${key.state.padEnd(8)} ${minute(key.made_at)}  ${hangs}`);
  }
  terminal.line("Service keys");
  for (const key of keys.service_keys) {
    const signer = key.kid.slice(0, PREFIX_CHARACTERS_MIN);
    terminal.line(`  ${key.id}  ${key.label.padEnd(12)} ${minute(key.made_at)}  by ${signer}…`);
  }
}

async function rotate(identity: PlatformClient, { terminal, json }: CommandInput): Promise<number> {
  const keys = await identity.post<Keys>(KEYS, {});
  json(keys);
  const current = keys.signing_keys.find(({ state }) => state === "current");
  terminal.done(`${current?.kid ?? "Another key"} signs from now on.`);
  terminal.line("Tokens of the key before are believed until the last of them has run out.");
  return exitCodes.held;
}

async function revoke(identity: PlatformClient, named: string, input: CommandInput): Promise<number> {
  const keys = await identity.get<Keys>(KEYS);
  const signing = keys.signing_keys.filter(({ kid, state }) => isNamed(kid, named) && state !== "revoked");
  const service = keys.service_keys.filter(({ id }) => isNamed(id, named));
  if (signing.length + service.length !== 1) throw unclear(named, signing.length + service.length);
  const [key] = signing;
  if (key !== undefined) return revokeSigningKey(identity, key, named, input);
  return revokeServiceKey(identity, service[0] as ServiceKey, named, input);
}

const noClass = (word: string, data: readonly { readonly data_class: string }[]): CliError =>
  new CliError(
    "cli/key-unclear",
    `a class of data or a project's folder was expected; found ${JSON.stringify(word)}, which is neither`,
    `classes here: ${[...new Set(data.map((key) => key.data_class))].join(", ") || "none"}; without one the key that signs tokens is rotated`,
  );

const isNamed = (id: string, named: string): boolean =>
  id === named || (named.length >= PREFIX_CHARACTERS_MIN && id.startsWith(named));

const unclear = (named: string, found: number): CliError =>
  new CliError(
    "cli/key-unclear",
    `${JSON.stringify(named)} was expected to name one key that is not revoked; it names ${found}`,
    `${typed("keys list")} shows them; at least ${PREFIX_CHARACTERS_MIN} characters of one are enough`,
  );

async function revokeSigningKey(
  identity: PlatformClient,
  key: SigningKey,
  named: string,
  { terminal, options, json }: CommandInput,
): Promise<number> {
  const endsSessions = options["sessions"] === true;
  terminal.line(`Revokes the signing key ${key.kid} (${key.state}).`);
  terminal.line(`  ${count(key.sessions, "session")}: the access token is refused at once;`);
  terminal.line(
    endsSessions
      ? "    the session ends, and the person signs in again."
      : "    the session goes on with its next refresh. --sessions ends it.",
  );
  terminal.line(`  ${count(key.service_keys, "service key")}: refused at once, and for good.`);
  if (options["yes"] !== true && !(await isConsented(typed(`keys revoke ${named} --yes`)))) return exitCodes.misuse;
  const path = `${KEYS}/${key.kid}${endsSessions ? "?sessions=end" : ""}`;
  const revoked = (await identity.delete(path)) as Revoked;
  json({ kid: key.kid, ...revoked });
  const people = count(revoked.sessions, "session");
  terminal.done(
    `Revoked: ${revoked.sessions_ended ? `${people} ended` : `tokens of ${people} refused`}, ${count(revoked.service_keys, "service key")} revoked.`,
  );
  return exitCodes.held;
}

async function revokeServiceKey(
  identity: PlatformClient,
  key: ServiceKey,
  named: string,
  { terminal, options, json }: CommandInput,
): Promise<number> {
  terminal.line(`Revokes the service key ${key.id} (${key.label || "no label"}): refused at once, and for good.`);
  if (key.label === "deployment") terminal.line("  If it is the running deployment's own, start the deployment again.");
  if (options["yes"] !== true && !(await isConsented(typed(`keys revoke ${named} --yes`)))) return exitCodes.misuse;
  json(await identity.delete(`/admin/service-keys/${key.id}`));
  terminal.done("Revoked.");
  return exitCodes.held;
}
