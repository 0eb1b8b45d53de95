// Twins begin as copies of one database that is ready and was never used: much sooner there than by migrating again.
import type { Policy } from "@holdfast/policy";
import { type Cluster, prepareDatabase } from "@holdfast/postgres";
import pg from "pg";
import { applyPolicy } from "../deployment/apply-policy.ts";
import type { Ground } from "../deployment/ground.ts";
import { migrationSetsOf } from "../deployment/migration-sets.ts";
import type { Project } from "../project.ts";

const READY = "ready";

/** Makes the database that twins are copied from: migrated, with the policy applied. Nothing connects to it afterwards. */
export async function prepareReadyDatabase(ground: Ground, project: Project, policy: Policy): Promise<void> {
  const database = await prepareDatabase(ground.cluster, {
    database: READY,
    secrets: ground.secret,
    migrationSets: migrationSetsOf(project),
  });
  await applyPolicy(database, policy, []);
}

export function cloneReadyDatabase(cluster: Cluster, name: string): Promise<void> {
  return asAdministrator(cluster, (client) =>
    client.query(`create database ${client.escapeIdentifier(name)} template ${READY} strategy file_copy`),
  );
}

/** Whatever is still connected is cut off. */
export function dropDatabase(cluster: Cluster, name: string): Promise<void> {
  return asAdministrator(cluster, (client) =>
    client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`),
  );
}

async function asAdministrator(cluster: Cluster, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client(cluster.settings(cluster.maintenanceDatabase));
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
