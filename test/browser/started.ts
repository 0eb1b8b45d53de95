// The example as `holdfast up` runs it, in a temporary folder and on a free port, for tests that look at it with a browser.

import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessRunning } from "../../packages/cli/src/deployment/access-running.ts";
import { type Opened, openUp } from "../../packages/cli/src/deployment/open-up.ts";
import { platformClient } from "../../packages/cli/src/deployment/platform-client.ts";
import { withPort } from "../../packages/cli/src/deployment/port.ts";
import { loadProject } from "../../packages/cli/src/project.ts";
import { silentTerminal } from "../../packages/cli/src/terminal.ts";
import { root } from "../source-tree.ts";

/** PostgreSQL runs as another user when we are root. */
const PASSABLE = 0o711;

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
  stop(): Promise<void>;
}

export async function startedPlatform(): Promise<StartedPlatform> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-browser-"));
  await chmod(folder, PASSABLE);
  for (const file of ["security.ts", "deployment.ts"]) {
    await writeFile(
      join(folder, file),
      `export { default } from ${JSON.stringify(join(root, "examples/content", file))};\n`,
    );
  }
  const example = await loadProject(folder);
  const project = withPort(example, String(await freePort()));
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
