// A replica to be attacked: a standby of a proving ground's cluster, made when a check asks for one and removed when none needs it.
import { randomBytes } from "node:crypto";
import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  asSubject,
  BACKUP_PASSWORD_NAME,
  BACKUP_ROLE,
  type DatabasePool,
  ensureBackupRole,
  makeThrowawayFolder,
  openStandby,
  type PreparedDatabase,
  ReadRouter,
} from "@holdfast/postgres";
import type { TargetReplica } from "@holdfast/probes";
import { DATA_MODE } from "../deployment/data-lock.ts";
import { type Ground, THROWAWAY_BYTES, THROWAWAY_SETTINGS } from "../deployment/ground.ts";

const NAME_BYTES = 4;
/** A check waits for the replica rather than ask the primary, which would prove nothing about it. */
const WAIT_MS = 5_000;

export async function openReplica(
  ground: Ground,
  database: PreparedDatabase,
  pool: DatabasePool,
): Promise<TargetReplica> {
  const folder = await makeThrowawayFolder("holdfast-replica-", THROWAWAY_BYTES);
  await chmod(folder, DATA_MODE);
  const undo: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const password = await ground.secret(BACKUP_PASSWORD_NAME);
    await ensureBackupRole(ground.cluster, password);
    const standby = await openStandby({
      name: `probe_${randomBytes(NAME_BYTES).toString("hex")}`,
      directory: join(folder, "standby"),
      primary: ground.cluster,
      replication: { user: BACKUP_ROLE, password },
      superuserPassword: await ground.secret("postgres-superuser"),
      serverSettings: THROWAWAY_SETTINGS,
    });
    undo.push(() => standby.remove());
    const onReplica = database.poolAt((login) => standby.settings(database.database, login), "holdfast_api");
    undo.push(() => onReplica.end());
    const router = new ReadRouter({
      primary: pool,
      replicas: [{ name: standby.name, pool: onReplica }],
      mayRead: () => true,
      waitMs: WAIT_MS,
    });
    return {
      mark: () => router.mark(),
      async read(claims, text, values, mark) {
        const { rows, rowCount } = await router.read(claims, { text, values: [...values] }, {}, mark);
        return { rows, rowCount };
      },
      async readAtOnce(claims, text, values) {
        const { rows, rowCount } = await asSubject(onReplica, claims, { text, values: [...values] });
        return { rows, rowCount };
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
