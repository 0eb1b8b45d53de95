// A project as `holdfast up` runs it: locked, on its own ground, with its record for other commands, and attackable again.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Received } from "@holdfast/identity";
import type { Target } from "@holdfast/probes";
import type { ControlList } from "@holdfast/server/api";
import { openPlace } from "../backups/place.ts";
import { CliError } from "../cli-error.ts";
import type { Project } from "../project.ts";
import { chosenChecks } from "../proving/chosen-checks.ts";
import { postEvidence } from "../proving/post-evidence.ts";
import { attackRunning } from "../proving/practise.ts";
import { targetOf } from "../proving/target-of.ts";
import { targetOutputs } from "../proving/target-outputs.ts";
import { silentTerminal, type Terminal } from "../terminal.ts";
import { SERVICE_KEY } from "./access-running.ts";
import { lockData } from "./data-lock.ts";
import { type Ground, openGround } from "./ground.ts";
import { mailOf, textMessagesOf } from "./mail.ts";
import { type PlatformClient, platformClient } from "./platform-client.ts";
import { portOf } from "./port.ts";
import { givenReplicas, showReplicas } from "./replicas.ts";
import { removeRunning, writeRunning } from "./running.ts";
import { type RunningDeployment, startDeployment } from "./start-deployment.ts";

export interface Opened {
  readonly project: Project;
  readonly folder: string;
  readonly origin: string;
  readonly target: Target;
  readonly client: PlatformClient;
  /** Identity's administration interface. */
  readonly identity: PlatformClient;
  /** The first administrator, once: when there was none. */
  readonly administrator: { readonly email: string; readonly password: string } | undefined;
  sentence(): Promise<string>;
  /** How many controls have no check yet, and so are unproven whatever is attacked. */
  unprovable(): Promise<number>;
  watchDrift(): Promise<number>;
  /** Calls back when something that cannot be mended has ended, such as the embedded PostgreSQL. */
  onFailure(callback: () => void): void;
  failure(): Error | undefined;
  stop(): Promise<void>;
}

export async function openUp(project: Project, terminal: Terminal, databaseUrl: string | undefined): Promise<Opened> {
  const undo: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const mail = mailOf(project, process.env);
    const textMessages = textMessagesOf(project, process.env);
    const lock = lockData(project.dataDirectory);
    undo.push(() => lock.release());
    const { tcp } = project.deployment.postgres ?? {};
    const { origin } = project.policy.application;
    const ground = await openGround({
      dataDirectory: project.dataDirectory,
      terminal,
      databaseUrl,
      tcp: tcp && { ...tcp, origin },
    });
    undo.push(() => ground.close());
    terminal.done(`PostgreSQL ${ground.cluster.version} (${ground.cluster.kind})`);
    const again: { attack?: (checks: readonly string[]) => Promise<void> } = {};
    const deployment = await startDeployment(ground, {
      project,
      port: portOf(project),
      database: ground.database,
      terminal,
      ...(mail === undefined ? {} : { mail }),
      backups: {
        target: await openPlace(project.dataDirectory, project.deployment.backups),
        dataDirectory: project.dataDirectory,
        isAutomatic: true,
      },
      replicas: {
        directory: join(project.dataDirectory, "replicas"),
        given: await givenReplicas(process.env),
        progress: (message) => terminal.progress(`PostgreSQL: ${message} …`),
      },
      ...(textMessages === undefined ? {} : { textMessages }),
      onMessage: (message) => printMessage(terminal, message),
      onServiceKey: (serviceKey) => ground.vault.replaceSecret(SERVICE_KEY, serviceKey),
      attackAgain: async (checks) => again.attack?.(checks),
    });
    undo.push(() => deployment.stop());
    showReplicas(terminal, deployment.platform.replicas.status());
    const opened = await describeUp(project, ground, deployment, stop);
    again.attack = async (checks) =>
      postEvidence(
        opened.client,
        await attackRunning(project, opened.target, chosenChecks(checks).checks, silentTerminal),
      );
    record(project, ground, deployment);
    undo.push(() => removeRunning(project.dataDirectory));
    return opened;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Messages of our own checks go to nobody: they would only hide the others. */
function printMessage(terminal: Terminal, { to, kind, link, code }: Received): void {
  if (to.address.startsWith("probe-")) return;
  const what = [link, code].filter((part) => part !== undefined).join("  ");
  terminal.line(`  Mail         ${to.address}  ${kind}  ${what}`.trimEnd());
}

async function describeUp(
  project: Project,
  ground: Ground,
  deployment: RunningDeployment,
  stop: () => Promise<void>,
): Promise<Opened> {
  const { platform, database } = deployment;
  const before = await ground.vault.secret(SERVICE_KEY, () => "none");
  await ground.vault.replaceSecret(SERVICE_KEY, platform.serviceKey);
  const { origin } = project.policy.application;
  const access = {
    origin,
    port: platform.address.port,
    authorityPem: platform.certificateAuthorityPem,
    // Another one after the key that signs has changed.
    get serviceKey() {
      return platform.serviceKey;
    },
  };
  const client = platformClient(access);
  const identity = platformClient(access, "/auth/v1");
  await forget(identity, before);
  const pool = database.pool("holdfast_api");
  const target = await targetOf({
    ground,
    policy: project.policy,
    database: ground.database,
    ...access,
    operatorKey: platform.operatorKey,
    upstreams: platform.upstreams,
    pool,
    outputs: targetOutputs({ project: { ...project, deployment: deployment.deployment }, platform }),
    openPool: (narrow) => database.pool("holdfast_api", narrow),
  });
  const failures: Error[] = [];
  const callbacks: (() => void)[] = [];
  ground.cluster.onExit((exit) => {
    failures.push(
      new CliError(
        "cli/postgresql-ended",
        `PostgreSQL was expected to keep running; it ended (${exit.signal ?? exit.code})`,
        "nothing is lost; start again, and look at the log in .holdfast/postgres if it happens twice",
      ),
    );
    for (const callback of callbacks) callback();
  });
  return {
    project,
    folder: project.folder,
    origin,
    get target() {
      return { ...target, serviceKey: platform.serviceKey };
    },
    client,
    identity,
    administrator: (await platform.ensureAdministrator()) ?? undefined,
    sentence: async () => (await client.get<ControlList>("/controls")).score.sentence,
    async unprovable() {
      const { controls } = await client.get<ControlList>("/controls");
      return controls.filter((control) => control.checks.length === 0).length;
    },
    watchDrift: deployment.watchDrift,
    onFailure: (callback) => callbacks.push(callback),
    failure: () => failures[0],
    async stop() {
      await pool.end();
      await stop();
    },
  };
}

/** Revokes the service key of the run before: nobody uses it any more. */
async function forget(identity: PlatformClient, serviceKey: string): Promise<void> {
  const id = serviceKeyId(serviceKey);
  const { service_keys: alive } = await identity.get<{ service_keys: readonly { id: string }[] }>("/admin/keys");
  if (alive.some((key) => key.id === id)) await identity.delete(`/admin/service-keys/${id}`);
}

/** The id in a token that we made ourselves; undefined where there was none. */
function serviceKeyId(serviceKey: string): string | undefined {
  const [, payload] = serviceKey.split(".");
  if (payload === undefined) return undefined;
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as { readonly session_id?: string };
  return claims.session_id;
}

/** What other commands of this user need to find the deployment, and the authority for those who import it by hand. */
function record(project: Project, ground: Ground, { platform }: RunningDeployment): void {
  const { host, port } = ground.cluster.settings(ground.database);
  writeRunning(project.dataDirectory, {
    pid: process.pid,
    origin: project.policy.application.origin,
    issuer: platform.issuer,
    port: platform.address.port,
    startedAt: Date.now(),
    database: {
      kind: ground.cluster.kind,
      name: ground.database,
      version: ground.cluster.version,
      host: host ?? "",
      port: port ?? 0,
      ...(ground.cluster.socketFolder === undefined ? {} : { socketFolder: ground.cluster.socketFolder }),
    },
    upstreams: platform.upstreams,
  });
  writeFileSync(join(project.dataDirectory, "authority.pem"), platform.certificateAuthorityPem);
}
