// Starts what a project needs on its ground, in one visible order, and stops it backwards. `holdfast up`, the proving ground
// and the browser tests all start deployments here, so that what is proven is what runs.
import type { Step } from "@holdfast/gateway";
import type { IdentityRules } from "@holdfast/identity";
import type { Policy } from "@holdfast/policy";
import { type PreparedDatabase, prepareDatabase } from "@holdfast/postgres";
import {
  type BackupSettings,
  type Deployment,
  type MailSettings,
  type Platform,
  type PlatformOptions,
  startPlatform,
  type TextMessageSettings,
} from "@holdfast/server";
import { inspectCopy } from "../backups/inspect-copy.ts";
import type { Project } from "../project.ts";
import type { Terminal } from "../terminal.ts";
import { applyPolicy, currentDrift, emitOutcome } from "./apply-policy.ts";
import type { Ground } from "./ground.ts";
import { migrationSetsOf } from "./migration-sets.ts";
import { sitesOf } from "./sites.ts";

export interface StartOptions {
  readonly project: Project;
  /** 0 chooses a free one. */
  readonly port: number;
  readonly database: string;
  readonly terminal: Terminal;
  /** What to run instead of the project's own policy: only a twin does. */
  readonly policy?: Policy;
  readonly gatewaySteps?: readonly Step[];
  readonly identityRules?: Partial<IdentityRules>;
  /** Statements that break the database after the policy was applied: only a twin does. */
  readonly sabotage?: readonly string[];
  /** Where mail goes. A twin sends none, whatever its project says. */
  readonly mail?: MailSettings;
  readonly textMessages?: TextMessageSettings;
  readonly onMessage?: PlatformOptions["onMessage"];
  readonly onServiceKey?: (serviceKey: string) => Promise<void>;
  readonly attackAgain?: (checks: readonly string[]) => Promise<void>;
  readonly now?: () => number;
  /** Where backups go; without it there are none. */
  readonly backups?: Omit<BackupSettings, "inspect">;
  /** Where replicas come from; without it there are none. */
  readonly replicas?: PlatformOptions["replicas"];
  /** The client secret of a provider of the policy; the environment's unless given. */
  readonly providerSecret?: (name: string) => Promise<string | undefined>;
  /** Sign-in providers besides the policy's: only a proving ground has one. */
  readonly moreProviders?: Policy["identity"]["providers"];
  /** Who knows leaked passwords, instead of the policy's: only a proving ground has its own. */
  readonly breachRange?: string;
}

export interface RunningDeployment {
  readonly policy: Policy;
  /** As it runs: its sites are the built ones. */
  readonly deployment: Deployment;
  readonly database: PreparedDatabase;
  readonly platform: Platform;
  /** Compares the live database with the policy, records drift as an event, and says how many places differ. */
  watchDrift(): Promise<number>;
  stop(): Promise<void>;
}

export async function startDeployment(ground: Ground, options: StartOptions): Promise<RunningDeployment> {
  const { project, terminal } = options;
  const policy = options.policy ?? project.policy;
  const sites = await sitesOf(project, terminal);
  terminal.progress("Bringing the database up to date …");
  const database = await prepareDatabase(ground.cluster, {
    database: options.database,
    secrets: ground.secret,
    latest: (name) => ground.vault.latestSecret(name),
    migrationSets: migrationSetsOf(project),
  });
  const inspection = { policy, vault: ground.vault, database, secret: ground.secret };
  const outcome = await applyPolicy(database, policy, options.sabotage ?? []);
  terminal.progress("Starting identity, the services and the gateway …");
  const deployment = { ...project.deployment, sites };
  const platform = await startPlatform({
    policy,
    deployment,
    vault: ground.vault,
    database,
    cluster: ground.cluster,
    listen: { host: "127.0.0.1", port: options.port },
    ...(options.gatewaySteps === undefined ? {} : { gatewaySteps: options.gatewaySteps }),
    ...(options.identityRules === undefined ? {} : { identityRules: options.identityRules }),
    ...(options.onServiceKey === undefined ? {} : { onServiceKey: options.onServiceKey }),
    ...(options.attackAgain === undefined ? {} : { attackAgain: options.attackAgain }),
    ...(options.mail === undefined ? {} : { mail: options.mail }),
    ...(options.textMessages === undefined ? {} : { textMessages: options.textMessages }),
    ...(options.onMessage === undefined ? {} : { onMessage: options.onMessage }),
    ...(options.now === undefined ? {} : { now: options.now }),
    ...(options.backups === undefined
      ? {}
      : { backups: { ...options.backups, inspect: (copy) => inspectCopy(copy, inspection) } }),
    ...(options.replicas === undefined ? {} : { replicas: options.replicas }),
    ...(options.moreProviders === undefined ? {} : { moreProviders: options.moreProviders }),
    ...(options.breachRange === undefined ? {} : { breachRange: options.breachRange }),
    ...(options.providerSecret === undefined ? {} : { providerSecret: options.providerSecret }),
  });
  emitOutcome(outcome, platform.emit, Date.now());
  return {
    policy,
    deployment,
    database,
    platform,
    async watchDrift() {
      const differences = await currentDrift(database, policy);
      if (differences.length > 0) emitOutcome({ kind: "drift", differences }, platform.emit, Date.now());
      return differences.length;
    },
    stop: () => platform.stop(),
  };
}
