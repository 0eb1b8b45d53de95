// `holdfast trust`: lets this user's browsers accept the deployment's own certificate authority. One consented step; --remove undoes it.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { typed } from "../command-name.ts";
import { openVaultAt } from "../deployment/open-vault.ts";
import { loadProject } from "../project.ts";
import { projectFolder } from "../project-folder.ts";

const SYSTEM_STORE = "/usr/local/share/ca-certificates";

export const trustCommand: Command = {
  name: "trust",
  summary:
    "Let this user's browsers trust the deployment's own certificate authority (asks first; --remove undoes it).",
  usage: "trust [folder] [--system] [--yes] [--remove] [--json]",
  options: { system: { type: "boolean" }, yes: { type: "boolean" }, remove: { type: "boolean" } },
  async run({ words, options, terminal, json }) {
    const project = await loadProject(projectFolder(words[0]));
    const vault = await openVaultAt(project.dataDirectory);
    const authority = await vault.certificateAuthority(project.policy.application.origin);
    await vault.close();
    const name = `Holdfast ${project.policy.application.name}`;
    const isRemoval = options["remove"] === true;
    const places = storesOf(name, options["system"] === true);
    if (places.length === 0) {
      throw new CliError(
        "cli/trust-failed",
        "no certificate store was found that this user may change",
        "install certutil (Debian: libnss3-tools), or import .holdfast/authority.pem in the browser by hand",
      );
    }
    terminal.line(
      `${isRemoval ? "Removes" : "Adds"} the certificate authority "${name}" ${isRemoval ? "from" : "to"}: ${places.map((place) => place.name).join(", ")}.`,
    );
    if (options["yes"] !== true && !(await isConsented(isRemoval))) return exitCodes.misuse;
    for (const place of places) {
      if (isRemoval) place.remove();
      else place.add(authority.certificatePem);
      terminal.done(`${place.name}: ${isRemoval ? "removed" : "trusted"}`);
    }
    json({ name, removed: isRemoval, stores: places.map((place) => place.name) });
    return exitCodes.held;
  },
};

async function isConsented(isRemoval: boolean): Promise<boolean> {
  if (process.stdin.isTTY !== true) {
    throw new CliError(
      "cli/trust-failed",
      "trust needs a yes, and there is no terminal to ask on",
      typed(isRemoval ? "trust --remove --yes" : "trust --yes"),
    );
  }
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question("Go on? [y/N] ");
  prompt.close();
  return /^y(es)?$/i.test(answer.trim());
}

interface Store {
  readonly name: string;
  add(certificatePem: string): void;
  remove(): void;
}

/** This user's own stores: NSS, which Chromium and Firefox read, or macOS's keychain; with `--system` Debian's system store too. */
function storesOf(name: string, withSystem: boolean): readonly Store[] {
  if (process.platform === "darwin") return [keychain(name)];
  const hasCertutil = spawnSync("certutil", ["-H"]).error === undefined;
  return [...(hasCertutil ? [nss(name)] : []), ...(withSystem && existsSync(SYSTEM_STORE) ? [systemStore(name)] : [])];
}

function nss(name: string): Store {
  const folder = join(homedir(), ".pki/nssdb");
  const database = `sql:${folder}`;
  return {
    name: "the browser store of this user (NSS)",
    add(certificatePem) {
      if (!existsSync(join(folder, "cert9.db"))) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        invoke("certutil", ["-d", database, "-N", "--empty-password"]);
      }
      // An older authority of the same name would shadow this one; there may be none.
      spawnSync("certutil", ["-d", database, "-D", "-n", name]);
      withFile(certificatePem, (file) =>
        invoke("certutil", ["-d", database, "-A", "-t", "C,,", "-n", name, "-i", file]),
      );
    },
    remove: () => invoke("certutil", ["-d", database, "-D", "-n", name]),
  };
}

function systemStore(name: string): Store {
  const file = join(SYSTEM_STORE, `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.crt`);
  return {
    name: "the system store",
    add(certificatePem) {
      writeFileSync(file, certificatePem);
      invoke("update-ca-certificates", []);
    },
    remove() {
      rmSync(file, { force: true });
      invoke("update-ca-certificates", ["--fresh"]);
    },
  };
}

function keychain(name: string): Store {
  const keychainFile = join(homedir(), "Library/Keychains/login.keychain-db");
  return {
    name: "the login keychain",
    add: (certificatePem) =>
      withFile(certificatePem, (file) =>
        invoke("security", ["add-trusted-cert", "-r", "trustRoot", "-k", keychainFile, file]),
      ),
    remove: () => invoke("security", ["delete-certificate", "-c", name, keychainFile]),
  };
}

/** In a folder that nobody else can enter or have made before: what is trusted must be what was written. */
function withFile(content: string, use: (file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-authority-"));
  const file = join(folder, "authority.pem");
  try {
    writeFileSync(file, content, { mode: 0o600, flag: "wx" });
    use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function invoke(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0)
    throw new CliError(
      "cli/trust-failed",
      `${command} failed: ${error?.message ?? stderr.trim()}`,
      "try again as a user who may change this store",
      error,
    );
}
