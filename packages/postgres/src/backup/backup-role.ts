// The login that makes backups: REPLICATION, and nothing else. It can read every page of the cluster, so its password stays in
// the vault and it may do nothing in SQL.
import type { Cluster } from "../cluster.ts";
import { BackupError } from "../error.ts";
import { REPLICATOR } from "../initialise.ts";
import { GuardedClient, type GuardedSettings } from "../transit/guarded-client.ts";

export const BACKUP_ROLE = REPLICATOR;
/** The name under which the vault keeps its password. */
export const BACKUP_PASSWORD_NAME = "postgres-password-holdfast_backup";

/** Where a team that runs one of these already should go on making its backups. */
export const HAND_OVER =
  "Where this server's backups are made by pgBackRest, WAL-G or a cloud (RDS, Aurora), go on with those and leave continuity.backups out.";

/** Makes or corrects the role and returns how it connects. @throws BackupError when the server does not let us. */
export async function ensureBackupRole(cluster: Cluster, password: string): Promise<GuardedSettings> {
  const database = cluster.maintenanceDatabase;
  const client = new GuardedClient(cluster.settings(database));
  client.on("error", () => undefined); // A lost connection rejects the statement that was waiting for it.
  try {
    await client.connect();
    // One at a time: PostgreSQL refuses (XX000) to change a role that somebody else changes at the same moment. The lock ends with
    // the connection.
    await client.query("set lock_timeout = '10s'");
    await client.query("select pg_catalog.pg_advisory_lock(pg_catalog.hashtext($1))", [BACKUP_ROLE]);
    const { rowCount } = await client.query("select 1 from pg_catalog.pg_roles where rolname = $1", [BACKUP_ROLE]);
    const verb = rowCount === 0 ? "create" : "alter";
    await client.query(
      `${verb} role ${BACKUP_ROLE} login noinherit replication nocreatedb nocreaterole connection limit 8 password ${client.escapeLiteral(password)}`,
    );
    await client.query(`grant connect on database ${client.escapeIdentifier(database)} to ${BACKUP_ROLE}`);
  } catch (cause) {
    throw new BackupError("backup/not-allowed", {
      expected: `to be able to make the role ${BACKUP_ROLE} with REPLICATION`,
      found: (cause as { code?: string }).code ?? "a failure",
      hint: `Name a user in DATABASE_URL that has REPLICATION and CREATEROLE (rds_superuser and the like may not). ${HAND_OVER}`,
      cause,
    });
  } finally {
    await client.end().catch(() => undefined); // It never connected, or is gone: nothing to end.
  }
  return cluster.settings(database, { user: BACKUP_ROLE, password });
}

/** Gives up the slot of an archive that is not kept any more, which would make the server keep its log for ever. */
export async function dropArchiveSlot(cluster: Cluster, slot: string): Promise<void> {
  const client = new GuardedClient(cluster.settings(cluster.maintenanceDatabase));
  client.on("error", () => undefined); // A lost connection rejects the statement that was waiting for it.
  try {
    await client.connect();
    await client.query(
      "select pg_catalog.pg_drop_replication_slot(slot_name) from pg_catalog.pg_replication_slots where slot_name = $1 and not active",
      [slot],
    );
  } finally {
    await client.end().catch(() => undefined); // It never connected, or is gone: nothing to end.
  }
}
