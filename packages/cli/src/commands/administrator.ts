// `holdfast administrator`: a new password for the administrator who has lost theirs. Their second factors go too, their
// sessions end, and identity records it. Whoever may read this deployment's vault may do this anyway.
import { randomBytes } from "node:crypto";
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { accessRunning } from "../deployment/access-running.ts";
import { type PlatformClient, platformClient } from "../deployment/platform-client.ts";
import { loadPolicy } from "../project.ts";
import { projectFolder } from "../project-folder.ts";

const PASSWORD_BYTES = 18;
const PAGE_USERS = 100;

interface Account {
  readonly id: string;
  readonly email: string;
  readonly app_metadata: { readonly roles?: readonly string[] };
}

export const administratorCommand: Command = {
  name: "administrator",
  summary: "Give the administrator of the running deployment a new password, and remove their second factors.",
  usage: "administrator [folder] [--email address] [--json]",
  options: { email: { type: "string" } },
  async run({ words, options, terminal, json }) {
    const folder = projectFolder(words[0]);
    const { platform } = await loadPolicy(folder);
    const identity = platformClient(await accessRunning(folder), "/auth/v1");
    const account = chosen(
      await administrators(identity, platform.administrator),
      options["email"] as string | undefined,
    );
    const password = randomBytes(PASSWORD_BYTES).toString("base64url");
    await identity.put(`/admin/users/${account.id}`, { password });
    for (const factor of await identity.get<readonly { id: string }[]>(`/admin/users/${account.id}/factors`)) {
      await identity.delete(`/admin/users/${account.id}/factors/${factor.id}`);
    }
    terminal.line(`Sign in as   ${account.email}`);
    terminal.line(`Password     ${password}   (shown once; a second factor is set up at the next sign-in)`);
    json({ email: account.email, password });
    return exitCodes.held;
  },
};

async function administrators(identity: PlatformClient, role: string): Promise<readonly Account[]> {
  const found: Account[] = [];
  for (let page = 1; ; page += 1) {
    const { users } = await identity.get<{ users: readonly Account[] }>(
      `/admin/users?page=${page}&per_page=${PAGE_USERS}`,
    );
    found.push(...users.filter((user) => user.app_metadata.roles?.includes(role) === true));
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
