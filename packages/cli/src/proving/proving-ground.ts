// Where holes are made: a deployment of the project in a temporary folder with a PostgreSQL cluster of its own, so that
// nothing a sabotage does can reach a cluster that holds data. Everything is gone when it is closed.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Check, startTwin, type Target } from "@holdfast/probes";
import type { Project } from "../project.ts";
import type { Terminal } from "../terminal.ts";
import { type Ground, openGround, type RunningDeployment, startOnGround } from "../deployment/start-deployment.ts";
import { deploymentChange } from "./deployment-change.ts";
import { targetOf } from "./target-of.ts";

export interface ProvingGround {
  /** The project as it is, without any hole. */
  readonly target: Target;
  /** The project with the hole that must turn the check red. */
  startTwin(check: Check): Promise<Twin>;
  close(): Promise<void>;
}

export interface Twin {
  readonly target: Target;
  close(): Promise<void>;
}

const SOUND_DATABASE = "sound";

export async function openProvingGround(project: Project, terminal: Terminal): Promise<ProvingGround> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-proving-"));
  const ground = await openGround({ dataDirectory: folder, terminal });
  let twins = 0;
  try {
    const sound = await startOnGround(ground, { project, port: 0, database: SOUND_DATABASE });
    const target = targetOf(ground, sound, project.policy);
    return {
      target,
      async startTwin(check) {
        twins += 1;
        return startTwinOf({ ground, project, sound, target, check, name: `twin_${twins}` });
      },
      async close() {
        await sound.stop();
        await ground.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await ground.close();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

interface TwinInput {
  readonly ground: Ground;
  readonly project: Project;
  readonly sound: RunningDeployment;
  readonly target: Target;
  readonly check: Check;
  readonly name: string;
}

async function startTwinOf({ ground, project, target, check, name }: TwinInput): Promise<Twin> {
  const { hole } = check.sabotage;
  if (hole.kind === "twin") {
    const host = new URL(target.origin).hostname;
    const authority = await ground.vault.certificateAuthority();
    const certificate = await authority.issue({ commonName: host, dnsNames: [host], usage: ["server"], days: 1 });
    return startTwin(target, hole, certificate);
  }
  if (hole.kind === "pool") {
    const database = target.database;
    if (database === undefined) throw new Error("the proving ground has no database");
    return { target: { ...target, database: { ...database, asSubject: hole.change(database.asSubject) } }, async close() {} };
  }
  const deployment = await startOnGround(ground, { project, port: 0, database: name, ...deploymentChange(hole, project.policy) });
  return {
    // The check judges by the true policy, whatever the twin runs.
    target: targetOf(ground, deployment, project.policy),
    async close() {
      await deployment.stop();
      await ground.dropDatabase(name);
    },
  };
}
