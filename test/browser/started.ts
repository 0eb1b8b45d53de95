// The example as `holdfast up` runs it, in a temporary folder and on a free port, for tests that look at it with a browser.

import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Policy } from "@holdfast/policy";
import type { InboxPage } from "@holdfast/server/api";
import { accessRunning } from "../../packages/cli/src/deployment/access-running.ts";
import { type Opened, openUp } from "../../packages/cli/src/deployment/open-up.ts";
import { platformClient } from "../../packages/cli/src/deployment/platform-client.ts";
import { withPort } from "../../packages/cli/src/deployment/port.ts";
import { loadProject } from "../../packages/cli/src/project.ts";
import { silentTerminal } from "../../packages/cli/src/terminal.ts";
import { root } from "../source-tree.ts";

/** PostgreSQL runs as another user when we are root. */
const PASSABLE = 0o711;

const MAIL_LOOKS_MAX = 50;
const MAIL_INTERVAL_MS = 100;

export interface StartedPlatform {
  readonly origin: string;
  /** A project folder for commands: the example's policy and deployment, with data of its own. */
  readonly folder: string;
  readonly certificateAuthorityPem: string;
  /** The one-time administrator that the first start makes. */
  readonly administrator: { readonly email: string; readonly password: string };
  readonly opened: Opened;
  /** Makes an account through the administration interface, as an operator would. */
  createAccount(account: {
    readonly email: string;
    readonly password: string;
    readonly roles: readonly string[];
  }): Promise<void>;
  /** The code in the newest message to the address: it goes out after the answer to whoever asked for it. */
  mailedCode(address: string): Promise<string>;
  stop(): Promise<void>;
}

/** `change` makes another policy of the example's, for the origin that it will have. */
export async function startedPlatform(
  change: (policy: Policy) => Promise<Policy> | Policy = (policy) => policy,
): Promise<StartedPlatform> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-browser-"));
  await chmod(folder, PASSABLE);
  for (const file of ["security.ts", "deployment.ts"]) {
    await writeFile(
      join(folder, file),
      `export { default } from ${JSON.stringify(join(root, "examples/content", file))};\n`,
    );
  }
  const example = await loadProject(folder);
  const placed = withPort(example, String(await freePort()));
  const project = { ...placed, policy: await change(placed.policy) };
  const opened = await openUp(project, silentTerminal, undefined);
  if (opened.administrator === undefined) throw new Error("a new deployment was expected to make an administrator");
  const operatorKey = async (): Promise<string> => (await accessRunning(folder)).operatorKey();
  return {
    origin: opened.origin,
    folder,
    certificateAuthorityPem: opened.target.authorityPem,
    administrator: opened.administrator,
    opened,
    async createAccount({ email, password, roles }) {
      const identity = platformClient(
        { ...(await accessRunning(folder)), serviceKey: await operatorKey() },
        "/auth/v1",
      );
      await identity.post("/admin/users", { email, password, email_confirm: true, app_metadata: { roles } });
    },
    async mailedCode(address) {
      for (let look = 0; look < MAIL_LOOKS_MAX; look += 1) {
        const { messages } = await opened.client.get<InboxPage>("/inbox");
        const code = messages.find((message) => message.to.address === address)?.code;
        if (code !== undefined) return code;
        await new Promise((resolve) => setTimeout(resolve, MAIL_INTERVAL_MS));
      }
      throw new Error(`a message with a code was expected for ${address}`);
    },
    async stop() {
      await opened.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
