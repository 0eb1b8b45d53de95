// `holdfast keys`: the keys that sign access tokens and the service keys, of the running deployment or of one that is stopped.
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command, CommandInput } from "../command.ts";
import { typed } from "../command-name.ts";
import { isConsented } from "../consent.ts";
import type { PlatformClient } from "../deployment/platform-client.ts";
import { withIdentity } from "../deployment/with-identity.ts";
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
  summary: "List the keys that sign tokens and the service keys, rotate the signing key, or revoke a key that leaked.",
  usage: "keys list|rotate|revoke [key] [folder] [--sessions] [--yes] [--json]",
  options: { sessions: { type: "boolean" }, yes: { type: "boolean" } },
  async run(input) {
    const [action = "list", ...rest] = input.words;
    switch (action) {
      case "list":
        return withIdentity(projectFolder(rest[0]), input.terminal, (identity) => list(identity, input));
      case "rotate":
        return withIdentity(projectFolder(rest[0]), input.terminal, (identity) => rotate(identity, input));
      case "revoke": {
        const [named, folder] = rest;
        if (named === undefined) throw misuse("no key was named");
        return withIdentity(projectFolder(folder), input.terminal, (identity) => revoke(identity, named, input));
      }
      default:
        throw misuse(`there is no ${JSON.stringify(action)} of keys`);
    }
  },
};

const misuse = (found: string): CliError =>
  new CliError("cli/unknown-option", found, `usage: holdfast ${keysCommand.usage}`);

async function list(identity: PlatformClient, { terminal, json }: CommandInput): Promise<number> {
  const keys = await identity.get<Keys>(KEYS);
  json(keys);
  print(terminal, keys);
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
