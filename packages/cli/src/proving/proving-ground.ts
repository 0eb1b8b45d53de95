// Where holes are made: a deployment of the project in a temporary folder with a PostgreSQL cluster of its own, so that
// nothing a sabotage does can reach a cluster that holds data. Everything is gone when it is closed.
import { chmod, rm } from "node:fs/promises";
import { makeThrowawayFolder } from "@holdfast/postgres";
import { type Check, startTwin, type Target } from "@holdfast/probes";
import { DATA_MODE } from "../deployment/data-lock.ts";
import { type Ground, openGround, THROWAWAY_BYTES } from "../deployment/ground.ts";
import type { PlatformAccess } from "../deployment/platform-client.ts";
import type { Project } from "../project.ts";
import { silentTerminal, type Terminal } from "../terminal.ts";
import { isChangeable } from "./changeable-parts.ts";
import { ChangeableTwins } from "./changeable-twins.ts";
import { prepareReadyDatabase } from "./clone-database.ts";
import { type DeploymentChange, deploymentChange } from "./deployment-change.ts";
import { startPracticeGround } from "./practice-ground.ts";
import { startTarget, type Twin } from "./start-target.ts";

export interface ProvingGround {
  /** The project as it is, without any hole. */
  readonly target: Target;
  readonly access: PlatformAccess;
  /** The project with the hole that must turn the check red. */
  startTwin(check: Check): Promise<Twin>;
  close(): Promise<void>;
}

const SOUND_DATABASE = "sound";

export async function openProvingGround(project: Project, terminal: Terminal): Promise<ProvingGround> {
  const folder = await makeThrowawayFolder("holdfast-proving-", THROWAWAY_BYTES);
  await chmod(folder, DATA_MODE);
  const undo: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const ground = await openGround({ dataDirectory: folder, terminal, isThrowaway: true });
    undo.push(() => ground.close());
    const practice = await startPracticeGround();
    undo.push(() => practice.close());
    await prepareReadyDatabase(ground, project, project.policy);
    const options = { project, port: 0, database: SOUND_DATABASE, terminal };
    const sound = await startTarget(ground, practice, options);
    undo.push(sound.close);
    let twins = 0;
    /** A deployment for a twin, whose holes nobody wants to hear of. */
    const start = (change: DeploymentChange) => {
      twins += 1;
      return startTarget(ground, practice, {
        project,
        port: 0,
        database: `twin_${twins}`,
        terminal: silentTerminal,
        ...change,
      });
    };
    const changeable = new ChangeableTwins(start);
    undo.push(() => changeable.closeAll());
    return {
      target: sound.target,
      access: sound.access,
      startTwin: (check) => twinOf({ ground, project, sound: sound.target, start, changeable }, check),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface TwinParts {
  readonly ground: Ground;
  readonly project: Project;
  readonly sound: Target;
  readonly changeable: ChangeableTwins;
  start(change: DeploymentChange): Promise<Twin>;
}

async function twinOf(parts: TwinParts, { sabotage: { hole } }: Check): Promise<Twin> {
  const { ground, project, sound } = parts;
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
    case "database": {
      const { database } = sound;
      if (database === undefined) throw new Error("the proving ground has no database");
      return { target: { ...sound, database: hole.change(database) }, async close() {} };
    }
    case "outputs": {
      const { outputs } = sound;
      if (outputs === undefined) throw new Error("the proving ground gathers no outputs");
      return { target: { ...sound, outputs: hole.change(outputs) }, async close() {} };
    }
    default: {
      const change = deploymentChange(hole, project.policy);
      return isChangeable(hole) ? parts.changeable.withChange(change) : parts.start(change);
    }
  }
}
