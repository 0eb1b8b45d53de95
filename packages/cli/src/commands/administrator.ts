// `holdfast administrator`: what only the operator may do alone. A new password for the administrator who has lost theirs (their
// second factors go too, and their sessions end), and another administrator, so that two can approve each other's requests.
// Identity records it. Whoever may read this deployment's vault may do this anyway.
import { randomBytes } from "node:crypto";
import { isEmailAddress, normaliseEmail } from "@holdfast/identity";
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { typed } from "../command-name.ts";
import { accessRunning } from "../deployment/access-running.ts";
import { type PlatformClient, platformClient } from "../deployment/platform-client.ts";
import { loadPolicy } from "../project.ts";
import { projectFolder } from "../project-folder.ts";
import type { Terminal } from "../terminal.ts";

const PASSWORD_BYTES = 18;
const PAGE_USERS = 100;

interface Account {
  readonly id: string;
  readonly email: string;
  readonly app_metadata: { readonly roles?: readonly string[] };
}

interface Credentials {
  readonly email: string;
  /** Null where the account keeps its own. */
  readonly password: string | null;
}

export const administratorCommand: Command = {
  name: "administrator",
  summary: "Give an administrator of the running deployment a new password, or add another administrator.",
  usage: "administrator [folder] [--email address | --add address] [--json]",
  options: { email: { type: "string" }, add: { type: "string" } },
  async run({ words, options, terminal, json }) {
    const { add, email } = options as { readonly add?: string; readonly email?: string };
    const added = add === undefined ? undefined : addressOf(add);
    const folder = projectFolder(words[0]);
    const { platform } = await loadPolicy(folder);
    const access = await accessRunning(folder);
    const operator = { ...access, serviceKey: await access.operatorKey() };
    const identity = platformClient(operator, "/auth/v1");
    const accounts = await everybody(identity);
    const made =
      added === undefined
        ? await reset(identity, chosen(accounts.filter(holds(platform.administrator)), email))
        : await addAdministrator(identity, accounts, added, platform.administrator);
    show(terminal, made);
    json(made);
    return exitCodes.held;
  },
};

const newPassword = (): string => randomBytes(PASSWORD_BYTES).toString("base64url");

const holds =
  (role: string) =>
  (account: Account): boolean =>
    account.app_metadata.roles?.includes(role) === true;

/** As identity will spell it, so that an account that exists is found. */
function addressOf(given: string): string {
  const email = normaliseEmail(given);
  if (isEmailAddress(email)) return email;
  throw new CliError(
    "cli/address-invalid",
    `--add was expected to be an e-mail address; found ${JSON.stringify(given)}`,
    `for example: ${typed("administrator --add bea@example.com")}`,
  );
}

async function reset(identity: PlatformClient, account: Account): Promise<Credentials> {
  const password = newPassword();
  await identity.put(`/admin/users/${account.id}`, { password });
  for (const factor of await identity.get<readonly { id: string }[]>(`/admin/users/${account.id}/factors`)) {
    await identity.delete(`/admin/users/${account.id}/factors/${factor.id}`);
  }
  return { email: account.email, password };
}

/** Whoever has an account keeps its password and its other roles. */
async function addAdministrator(
  identity: PlatformClient,
  accounts: readonly Account[],
  email: string,
  role: string,
): Promise<Credentials> {
  const known = accounts.find((account) => account.email === email);
  if (known === undefined) {
    const password = newPassword();
    const app_metadata = { roles: [role] };
    await identity.post("/admin/users", { email, password, email_confirm: true, app_metadata });
    return { email, password };
  }
  const roles = [...new Set([...(known.app_metadata.roles ?? []), role])];
  await identity.put(`/admin/users/${known.id}`, { app_metadata: { roles } });
  return { email, password: null };
}

function show(terminal: Terminal, { email, password }: Credentials): void {
  terminal.line(`Sign in as   ${email}`);
  terminal.line(
    password === null
      ? "Password     the one the account has"
      : `Password     ${password}   (shown once; a second factor is set up at the next sign-in)`,
  );
}

async function everybody(identity: PlatformClient): Promise<readonly Account[]> {
  const found: Account[] = [];
  for (let page = 1; ; page += 1) {
    const { users } = await identity.get<{ users: readonly Account[] }>(
      `/admin/users?page=${page}&per_page=${PAGE_USERS}`,
    );
    found.push(...users);
    if (users.length < PAGE_USERS) return found;
  }
}

function chosen(accounts: readonly Account[], email: string | undefined): Account {
  const [first, ...others] = email === undefined ? accounts : accounts.filter((account) => account.email === email);
  if (first !== undefined && others.length === 0) return first;
  const list = accounts.map((account) => account.email).join(", ");
  throw new CliError(
    "cli/administrator-unclear",
    first === undefined
      ? `no such administrator was found among: ${list || "nobody"}`
      : `there are ${others.length + 1} administrators: ${list}`,
    "name one with --email",
  );
}
