// Backups as this deployment makes them: where its policy asks for them, somebody named a place, and its server lets us.
import { createHash } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { EmitEvent, Policy } from "@holdfast/policy";
import {
  BACKUP_PASSWORD_NAME,
  BackupError,
  type BackupTarget,
  type Cluster,
  dropArchiveSlot,
  ensureBackupRole,
  type PreparedDatabase,
} from "@holdfast/postgres";
import type { Vault } from "@holdfast/vault";
import { type Backups, startBackups, withoutBackups } from "../backups/backups.ts";
import { type InspectCopy, SCRATCH_PREFIX } from "../backups/drill.ts";
import { openDrillSigner } from "../backups/drill-report.ts";
import { plantSealedCanaries } from "../backups/sealed-canaries.ts";
import type { Database } from "../store/database.ts";
import { policyHash } from "./policy-hash.ts";
import { sealedColumnsOf } from "./sealed-columns.ts";

/** Where backups go and how copies are looked at. */
export interface BackupSettings {
  readonly target: BackupTarget;
  /** Where copies are restored on trial; private, and with room for the whole cluster. */
  readonly dataDirectory: string;
  readonly inspect: InspectCopy;
  /** Makes them when they are due. Otherwise only when somebody asks, as in a proving ground. */
  readonly isAutomatic: boolean;
}

export interface BackupSurroundings {
  readonly policy: Policy;
  readonly vault: Vault;
  readonly cluster: Cluster;
  readonly database: PreparedDatabase;
  readonly pool: Database;
  readonly emit: EmitEvent;
  readonly now: () => number;
  readonly onFailure: (cause: unknown) => void;
}

const SLOT_CHARACTERS = 8;

/** The keyring's name for what backups are sealed with. */
export const BACKUP_KEY_SCOPE = { purpose: "backup", dataClass: "database" } as const;

export async function openBackups(
  settings: BackupSettings | undefined,
  { policy, vault, cluster, database, pool, emit, now, onFailure }: BackupSurroundings,
): Promise<Backups> {
  const { continuity } = policy;
  const { backups } = continuity;
  const slot = slotOf(database.database);
  if (settings === undefined) return withoutBackups(continuity, now);
  await removeScratch(settings.dataDirectory);
  if (backups === null) {
    await dropArchiveSlot(cluster, slot).catch(onFailure); // Nobody archives any more: the server need keep nothing for us.
    return withoutBackups(continuity, now);
  }
  const sealed = { keyring: vault.keyring, tenant: policy.application.name, columns: sealedColumnsOf(policy) };
  try {
    return startBackups({
      ...settings,
      plant: () => plantSealedCanaries(pool, sealed),
      continuity: { ...continuity, backups },
      policyHash: policyHash(policy),
      keys: vault.keyring.wrapper(BACKUP_KEY_SCOPE),
      backupSettings: await ensureBackupRole(cluster, await vault.secret(BACKUP_PASSWORD_NAME)),
      slot,
      waitForArchive: cluster.waitForArchive,
      settings: (name, role) => cluster.settings(name, role),
      databaseName: database.database,
      database: pool,
      signer: await openDrillSigner(vault),
      emit,
      now,
      random: Math.random,
      onFailure,
    });
  } catch (cause) {
    if (!(cause instanceof BackupError)) throw cause;
    // The platform runs without: the control says so, and an event.
    emit({ name: "backup.failed", at: now(), service: "platform", reason: cause.code, detail: { seen: cause.found } });
    return withoutBackups(continuity, now, cause.message);
  }
}

/** One for each database of a cluster. */
const slotOf = (database: string): string =>
  `holdfast_archive_${createHash("sha256").update(database).digest("hex").slice(0, SLOT_CHARACTERS)}`;

/** What a killed drill left. */
async function removeScratch(dataDirectory: string): Promise<void> {
  for (const name of await readdir(dataDirectory).catch(() => [])) // Not there: nothing was left.
    if (name.startsWith(SCRATCH_PREFIX)) await rm(join(dataDirectory, name), { recursive: true, force: true });
}
