// An administrator's connection to a project's database: of the deployment that runs, of DATABASE_URL, or of the embedded
// cluster, which is then started for as long as the work takes.
import { type PreparedDatabase, prepareDatabase } from "@holdfast/postgres";
import type { Vault } from "@holdfast/vault";
import type { Client } from "pg";
import type { Project } from "../project.ts";
import type { Terminal } from "../terminal.ts";
import { attachGround } from "./attach-ground.ts";
import { lockData } from "./data-lock.ts";
import { type Ground, openGround } from "./ground.ts";
import { migrationSetsOf } from "./migration-sets.ts";
import { findRunning } from "./running.ts";

/** Gives `work` a connection; migrations run first, so that there are tables to compare the policy with. */
export async function withAdministrator<T>(
  project: Project,
  terminal: Terminal,
  work: (client: Client, vault: Vault, database: PreparedDatabase) => Promise<T>,
): Promise<T> {
  const running = findRunning(project.dataDirectory);
  if (running !== undefined) return onGround(await attachGround(project.dataDirectory, running), project, work);
  const lock = lockData(project.dataDirectory);
  try {
    return await onGround(
      await openGround({ dataDirectory: project.dataDirectory, terminal, databaseUrl: process.env["DATABASE_URL"] }),
      project,
      work,
    );
  } finally {
    lock.release();
  }
}

async function onGround<T>(
  ground: Ground,
  project: Project,
  work: (client: Client, vault: Vault, database: PreparedDatabase) => Promise<T>,
): Promise<T> {
  try {
    const database = await prepareDatabase(ground.cluster, {
      database: ground.database,
      secrets: ground.secret,
      migrationSets: migrationSetsOf(project),
    });
    const client = await database.administrator();
    try {
      return await work(client, ground.vault, database);
    } finally {
      await client.end();
    }
  } finally {
    await ground.close();
  }
}
