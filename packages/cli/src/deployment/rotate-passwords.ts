// Other passwords for the login roles. Pools of a running deployment read theirs from the vault at each new connection; those that are
// open go on until their lifetime is over.
import { randomBytes } from "node:crypto";
import { loginRoles, passwordName, prepareDatabase } from "@holdfast/postgres";
import type { Project } from "../project.ts";
import type { Terminal } from "../terminal.ts";
import { attachGround } from "./attach-ground.ts";
import { lockData } from "./data-lock.ts";
import { type Ground, openGround } from "./ground.ts";
import { migrationSetsOf } from "./migration-sets.ts";
import { findRunning } from "./running.ts";

const PASSWORD_BYTES = 32;

/** The roles. When it fails between the two steps, the next start or the next rotation puts it right: the vault is what counts. */
export async function rotateDatabasePasswords(project: Project, terminal: Terminal): Promise<readonly string[]> {
  const running = findRunning(project.dataDirectory);
  if (running !== undefined) return rotateOn(await attachGround(project.dataDirectory, running), project);
  const lock = lockData(project.dataDirectory);
  try {
    const { dataDirectory } = project;
    return await rotateOn(
      await openGround({ dataDirectory, terminal, databaseUrl: process.env["DATABASE_URL"] }),
      project,
    );
  } finally {
    lock.release();
  }
}

async function rotateOn(ground: Ground, project: Project): Promise<readonly string[]> {
  try {
    for (const role of loginRoles) {
      await ground.vault.replaceSecret(passwordName(role), randomBytes(PASSWORD_BYTES).toString("base64url"));
    }
    await prepareDatabase(ground.cluster, {
      database: ground.database,
      secrets: ground.secret,
      migrationSets: migrationSetsOf(project),
    });
    return loginRoles;
  } finally {
    await ground.close();
  }
}
