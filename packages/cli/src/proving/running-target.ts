// The deployment that runs in a project's data directory, as a target. Its database is reached as the application reaches it.
import { prepareDatabase } from "@holdfast/postgres";
import type { Target } from "@holdfast/probes";
import type { RunningAccess } from "../deployment/access-running.ts";
import { attachGround } from "../deployment/attach-ground.ts";
import { migrationSetsOf } from "../deployment/migration-sets.ts";
import type { Project } from "../project.ts";
import { targetOf } from "./target-of.ts";
import { targetOutputs } from "./target-outputs.ts";

export interface OpenTarget {
  readonly target: Target;
  close(): Promise<void>;
}

export async function runningTarget(
  project: Project,
  { record, authorityPem, serviceKey, operatorKey }: RunningAccess,
): Promise<OpenTarget> {
  const ground = await attachGround(project.dataDirectory, record);
  const { name } = record.database;
  const database = await prepareDatabase(ground.cluster, {
    database: name,
    secrets: ground.secret,
    migrationSets: migrationSetsOf(project),
  });
  const pool = database.pool("holdfast_api");
  const target = await targetOf({
    ground,
    policy: project.policy,
    database: name,
    port: record.port,
    authorityPem,
    serviceKey,
    operatorKey,
    upstreams: record.upstreams,
    pool,
    outputs: targetOutputs({ project }),
    openPool: (narrow) => database.pool("holdfast_api", narrow),
  });
  return {
    target,
    async close() {
      await pool.end();
      await ground.close();
    },
  };
}
