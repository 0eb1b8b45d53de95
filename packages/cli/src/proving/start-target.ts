// A whole deployment in the proving ground, as a target.
import { join } from "node:path";
import { type BackupTarget, openFolderTarget } from "@holdfast/postgres";
import type { Target } from "@holdfast/probes";
import type { Ground } from "../deployment/ground.ts";
import type { PlatformAccess } from "../deployment/platform-client.ts";
import { type RunningDeployment, type StartOptions, startDeployment } from "../deployment/start-deployment.ts";
import type { Project } from "../project.ts";
import { cloneReadyDatabase, dropDatabase } from "./clone-database.ts";
import type { DeploymentChange } from "./deployment-change.ts";
import type { PracticeGround } from "./practice-ground.ts";
import { openReplica } from "./replica-target.ts";
import { targetOf } from "./target-of.ts";
import { targetOutputs } from "./target-outputs.ts";

export interface Twin {
  readonly target: Target;
  close(): Promise<void>;
}

export interface StartedTarget extends Twin {
  readonly access: PlatformAccess;
  /** Whether a check has moved its clock. */
  hasMovedClock(): boolean;
}

/** A whole deployment as a target. Its clock can be moved, since nobody else lives by it. */
export async function startTarget(
  ground: Ground,
  practice: PracticeGround,
  { storedBackups, ...options }: Omit<StartOptions, "now" | "providerSecret"> & Pick<DeploymentChange, "storedBackups">,
): Promise<StartedTarget> {
  let ahead = 0;
  await cloneReadyDatabase(ground.cluster, options.database);
  const deployment = await startDeployment(ground, {
    ...options,
    // People sign in by a provider of ours besides those the project names, whose secrets are nobody's business here.
    moreProviders: practice.providers,
    providerSecret: async () => practice.clientSecret,
    breachRange: practice.breachRange,
    now: () => Date.now() + ahead,
    // Made only when a check asks for one.
    backups: {
      target: await openBackupPlace(ground, options.database, storedBackups),
      dataDirectory: ground.dataDirectory,
      isAutomatic: false,
    },
  });
  const access = accessOf(options.project, deployment);
  const pool = deployment.database.pool("holdfast_api");
  const target = await targetOf({
    ground,
    // The checks judge by the true policy, whatever a twin runs.
    policy: options.project.policy,
    database: options.database,
    ...access,
    operatorKey: deployment.platform.operatorKey,
    upstreams: deployment.platform.upstreams,
    pool,
    openPool: (narrow) => deployment.database.pool("holdfast_api", narrow),
    openReplica: () => openReplica(ground, deployment.database, pool),
    practiceProvider: practice.provider,
    outputs: targetOutputs({
      project: { ...options.project, deployment: deployment.deployment },
      platform: deployment.platform,
    }),
    practiceBreaches: practice.breaches,
    clock: {
      advance(milliseconds) {
        ahead += milliseconds;
      },
    },
  });
  return {
    target,
    access,
    hasMovedClock: () => ahead !== 0,
    async close() {
      await pool.end();
      await deployment.stop();
      await dropDatabase(ground.cluster, options.database);
    },
  };
}

function accessOf(project: Project, { platform }: RunningDeployment): PlatformAccess {
  return {
    origin: project.policy.application.origin,
    port: platform.address.port,
    authorityPem: platform.certificateAuthorityPem,
    serviceKey: platform.serviceKey,
  };
}

/** A place of its own for each deployment; what comes back from it can be changed. */
async function openBackupPlace(
  ground: Ground,
  database: string,
  change: DeploymentChange["storedBackups"],
): Promise<BackupTarget> {
  const target = await openFolderTarget(join(ground.dataDirectory, `backups-${database}`));
  if (change === undefined) return target;
  return {
    ...target,
    async get(name) {
      const content = await target.get(name);
      const changed = content === undefined ? undefined : change(name, content);
      return changed === undefined ? undefined : Buffer.from(changed);
    },
  };
}
