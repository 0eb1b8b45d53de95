// Where holes are made: a deployment of the project in a temporary folder with a PostgreSQL cluster of its own, so that
// nothing a sabotage does can reach a cluster that holds data. Everything is gone when it is closed.
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Check, startTwin, type Target } from "@holdfast/probes";
import { DATA_MODE } from "../deployment/data-lock.ts";
import { type Ground, openGround } from "../deployment/ground.ts";
import type { PlatformAccess } from "../deployment/platform-client.ts";
import { type RunningDeployment, type StartOptions, startDeployment } from "../deployment/start-deployment.ts";
import type { Project } from "../project.ts";
import { silentTerminal, type Terminal } from "../terminal.ts";
import { cloneReadyDatabase, dropDatabase, prepareReadyDatabase } from "./clone-database.ts";
import { deploymentChange } from "./deployment-change.ts";
import { type PracticeGround, startPracticeProvider } from "./practice-provider.ts";
import { targetOf } from "./target-of.ts";

export interface Twin {
  readonly target: Target;
  close(): Promise<void>;
}

export interface ProvingGround {
  /** The project as it is, without any hole. */
  readonly target: Target;
  readonly access: PlatformAccess;
  /** The project with the hole that must turn the check red. */
  startTwin(check: Check): Promise<Twin>;
  close(): Promise<void>;
}

const SOUND_DATABASE = "sound";
/** Nothing here is worth a disk's patience. */
const THROWAWAY_SETTINGS = { fsync: "off", full_page_writes: "off", synchronous_commit: "off" };

export async function openProvingGround(project: Project, terminal: Terminal): Promise<ProvingGround> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-proving-"));
  await chmod(folder, DATA_MODE);
  const undo: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const ground = await openGround({ dataDirectory: folder, terminal, serverSettings: THROWAWAY_SETTINGS });
    undo.push(() => ground.close());
    const practice = await startPracticeProvider();
    undo.push(() => practice.close());
    await prepareReadyDatabase(ground, project, project.policy);
    const options = { project, port: 0, database: SOUND_DATABASE, terminal };
    const sound = await startTarget(ground, practice, options);
    undo.push(sound.close);
    let twins = 0;
    return {
      target: sound.target,
      access: sound.access,
      startTwin(check) {
        twins += 1;
        return twinOf({ ground, project, practice, sound: sound.target }, check, `twin_${twins}`);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface StartedTarget extends Twin {
  readonly access: PlatformAccess;
}

/** A whole deployment as a target. Its clock can be moved, since nobody else lives by it. */
async function startTarget(
  ground: Ground,
  practice: PracticeGround,
  options: Omit<StartOptions, "now" | "providerSecret">,
): Promise<StartedTarget> {
  let ahead = 0;
  await cloneReadyDatabase(ground.cluster, options.database);
  const deployment = await startDeployment(ground, {
    ...options,
    // People sign in by a provider of ours besides those the project names, whose secrets are nobody's business here.
    moreProviders: practice.providers,
    providerSecret: async () => practice.clientSecret,
    now: () => Date.now() + ahead,
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
    practiceProvider: practice.provider,
    clock: {
      advance(milliseconds) {
        ahead += milliseconds;
      },
    },
  });
  return {
    target,
    access,
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

interface TwinParts {
  readonly ground: Ground;
  readonly project: Project;
  readonly practice: PracticeGround;
  readonly sound: Target;
}

async function twinOf({ ground, project, practice, sound }: TwinParts, check: Check, name: string): Promise<Twin> {
  const { hole } = check.sabotage;
  switch (hole.kind) {
    case "twin": {
      const host = new URL(sound.origin).hostname;
      const authority = await ground.vault.certificateAuthority();
      return startTwin(
        sound,
        hole,
        await authority.issue({ commonName: host, dnsNames: [host], usage: ["server"], days: 1 }),
      );
    }
    case "pool": {
      const { database } = sound;
      if (database === undefined) throw new Error("the proving ground has no database");
      return {
        target: { ...sound, database: { ...database, asSubject: hole.change(database.asSubject) } },
        async close() {},
      };
    }
    default:
      return startTarget(ground, practice, {
        project,
        port: 0,
        database: name,
        terminal: silentTerminal,
        ...deploymentChange(hole, project.policy),
      });
  }
}
