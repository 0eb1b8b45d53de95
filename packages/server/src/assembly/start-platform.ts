// Starts everything behind one origin, in one visible order: logs, identity, application services, the platform's own API, the
// gateway. Stops it backwards. A start that fails leaves nothing running.
import { type AnsweredRequest, createGateway, type Step } from "@holdfast/gateway";
import type { IdentityOptions, IdentityRules, ProviderSecret, Received } from "@holdfast/identity";
import type { EmitEvent, Policy } from "@holdfast/policy";
import type { Cluster, DatabasePool, PreparedDatabase } from "@holdfast/postgres";
import type { Secrets, Vault } from "@holdfast/vault";
import { peopleElsewhere } from "../api/people-elsewhere.ts";
import type { Health } from "../api/shapes.ts";
import type { EventLog } from "../events/event-log.ts";
import type { EvidenceLog } from "../evidence/evidence-log.ts";
import { openReplicas, type ReplicaSettings, type Replicas } from "../replicas/replicas.ts";
import { ensureAdministrator, type FirstAdministrator } from "./administrator.ts";
import { originCertificate, serviceCertificate } from "./certificates.ts";
import { type Closers, createClosers } from "./closers.ts";
import type { Deployment } from "./deployment.ts";
import { type Foundation, openFoundation } from "./foundation.ts";
import { listenOn } from "./listen.ts";
import { type MailSettings, openMail, type TextMessageSettings } from "./mail.ts";
import { openPolicySecrets } from "./open-secrets.ts";
import type { RoleChanges } from "./role-changes.ts";
import { type ApiParts, startApi } from "./start-api.ts";
import type { BackupSettings } from "./start-backups.ts";
import { startIdentity, type Ways } from "./start-identity.ts";
import { refuseMismatch, startUpstreams, type Upstreams } from "./upstreams.ts";

export interface PlatformOptions {
  readonly policy: Policy;
  readonly deployment: Deployment;
  readonly vault: Vault;
  /** Migrated with identity's, the platform's and the application's sets; the policy applied. */
  readonly database: PreparedDatabase;
  readonly cluster: Cluster;
  /** Port 0 chooses a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Attacks this deployment and posts the evidence: what "attack again" runs. */
  readonly attackAgain?: (checks: readonly string[]) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Other steps or rules, to assemble a twin with a hole. */
  readonly gatewaySteps?: readonly Step[];
  readonly identityRules?: Partial<IdentityRules>;
  /** Where secrets of the source `environment` are; the process's own unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The client secret of a sign-in provider; the secret `provider.<name>` unless given. */
  readonly providerSecret?: ProviderSecret;
  /** Sign-in providers besides the policy's: only a proving ground has one. */
  readonly moreProviders?: IdentityOptions["moreProviders"];
  readonly breachRange?: IdentityOptions["breachRange"];
  /** Told the platform's new service key when the key that signs has changed. */
  readonly onServiceKey?: (serviceKey: string) => Promise<void>;
  /** Where backups go; without it there are none, whatever the policy asks for. */
  readonly backups?: BackupSettings;
  /** Where replicas come from; without it there are none, whatever the policy asks for. */
  readonly replicas?: ReplicaSettings;
  /** Where mail goes; without it messages are kept in the inbox and nothing is sent. */
  readonly mail?: MailSettings;
  /** Who sends text messages. */
  readonly textMessages?: TextMessageSettings;
  /** Told of each message that is kept instead of sent. */
  readonly onMessage?: (message: Received) => void;
  readonly progress?: (message: string) => void;
  /** Told of failures in the background, for an operator's log. Never of the content of a record. */
  readonly onFailure?: (cause: unknown) => void;
}

export interface Platform {
  /** As the policy states it. */
  readonly origin: string;
  /** Who signs people's tokens, operator's keys and service keys: identity here, or the name of the hosted project for both. */
  readonly issuer: string;
  /** Where the gateway listens. */
  readonly address: { readonly host: string; readonly port: number };
  /** The platform's own service key (Supabase's `service_role`): another one after the key that signs has changed. */
  readonly serviceKey: string;
  /** A fresh operator's key, valid for an hour: a service key that also does what needs somebody else's approval. */
  operatorKey(): Promise<string>;
  readonly certificateAuthorityPem: string;
  /** The private listeners behind the gateway. */
  readonly upstreams: readonly { readonly service: string; readonly url: string; readonly port: number }[];
  readonly pools: Foundation["pools"];
  readonly apiPool: DatabasePool;
  readonly emit: EmitEvent;
  readonly events: EventLog;
  readonly evidence: EvidenceLog;
  readonly replicas: Pick<Replicas, "status">;
  health(): Health;
  /** Asks every part anew, and returns what it found. */
  checkHealth(): Promise<Health>;
  /** Makes the first administrator; null when there is one. The password is returned this once. */
  ensureAdministrator(): Promise<FirstAdministrator | null>;
  /** Stops everything in reverse order; what waits is recorded. Again does nothing. */
  stop(): Promise<void>;
}

/** @throws ServerError, GatewayError; nothing is left running then. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  refuseMismatch(options.policy, options.deployment);
  const closers = createClosers();
  try {
    return await start(options, closers);
  } catch (cause) {
    // The failure that ended the start is the one to report, not what closing meets on the way.
    await closers.closeAll().catch(() => undefined);
    throw cause;
  }
}

async function start(options: PlatformOptions, closers: Closers): Promise<Platform> {
  const { policy, vault } = options;
  const now = options.now ?? Date.now;
  const progress = options.progress ?? (() => undefined);
  const onFailure = options.onFailure ?? (() => undefined);
  const authority = await vault.certificateAuthority(policy.application.origin);
  progress("opening the logs");
  const foundation = await openFoundation({ ...options, now, onFailure }, closers);
  const secrets = openPolicySecrets({
    policy,
    vault,
    now,
    environment: options.environment ?? process.env,
    emit: foundation.emit,
    onFailure,
  });
  closers.add(async () => secrets.close());
  const mail = await openMail({ ...options, secrets, now, closers });
  const serviceKey = { current: "" };
  const replicas = await openReplicas(options.replicas, {
    ...options,
    pool: foundation.pools.api,
    emit: foundation.emit,
    now,
  });
  closers.add(() => replicas.stop());
  foundation.late.replicas = replicas;
  const parts: Parts = { options, secrets, foundation, authority, closers, now, mail, serviceKey, replicas };
  progress("starting identity");
  const identity = await startIdentity(parts);
  const { ways, roleChanges } = identity;
  progress("starting the application's services");
  const services = await startServices(parts, ways);
  progress("starting the platform");
  const platform = await startApi(parts, ways, identity.local?.administration ?? peopleElsewhere);
  progress("opening the gateway");
  const upstreams: Upstreams = { ...services, identity: identity.url, platform };
  const port = await startGateway(parts, ways, upstreams, roleChanges);
  // The first to close: whoever watches is told why.
  closers.add(() => foundation.streams.close());
  serviceKey.current = await identity.issueServiceKey();
  const { emit, logs, pools, pulse, health } = foundation;
  emit({ name: "platform.started", at: now(), service: "platform" });
  let stopping: Promise<void> | undefined;
  return {
    origin: policy.application.origin,
    issuer: ways.issuer,
    address: { host: options.listen.host, port },
    get serviceKey() {
      return serviceKey.current;
    },
    operatorKey: () => identity.issueOperatorKey(),
    certificateAuthorityPem: authority.certificatePem,
    upstreams: Object.entries(upstreams).map(([service, url]) => ({ service, url, port: Number(new URL(url).port) })),
    pools,
    apiPool: pools.api,
    emit,
    events: logs.events,
    evidence: logs.evidence,
    replicas,
    health,
    async checkHealth() {
      await pulse.beat();
      return health();
    },
    // Whoever is an administrator of a hosted project's accounts is said there.
    ensureAdministrator: async () =>
      identity.local === null ? null : await ensureAdministrator(policy, identity.local, pools.identity),
    stop() {
      stopping ??= Promise.resolve().then(() => {
        emit({ name: "platform.stopped", at: now(), service: "platform" });
        return closers.closeAll();
      });
      return stopping;
    },
  };
}

interface Parts extends ApiParts {
  readonly options: PlatformOptions;
  readonly secrets: Secrets;
  readonly serviceKey: { current: string };
}

function startServices(
  { options, secrets, foundation, authority, closers, now, replicas }: Parts,
  ways: Ways,
): Promise<Upstreams> {
  const { policy, deployment } = options;
  const { emit, pools } = foundation;
  const contextOf = async (service: string) => ({
    ...ways,
    policy,
    emit,
    now,
    pool: pools.api,
    reads: replicas.router,
    secret: (name: string) => secrets.require(name),
    certificate: await serviceCertificate(authority, service),
  });
  return startUpstreams(deployment, contextOf, closers);
}

async function startGateway(
  { options, foundation, authority, closers, now }: Parts,
  ways: Ways,
  upstreams: Upstreams,
  roleChanges: RoleChanges,
): Promise<number> {
  const { policy, deployment, listen, gatewaySteps } = options;
  const { emit, metrics } = foundation;
  const certificate = await serviceCertificate(authority, "gateway");
  const { origin } = policy.application;
  const front = origin.startsWith("https:") ? await originCertificate(authority, origin) : null;
  const app = await createGateway({
    ...ways,
    policy,
    emit,
    now,
    renew: (token) => roleChanges.renew(token),
    sites: deployment.sites,
    upstreams: Object.fromEntries(
      Object.entries(upstreams).map(([service, url]) => [
        service,
        {
          url,
          certificate,
          authorityPem: certificate.authorityPem,
          ...(service === "identity" ? { stripPrefix: "/auth/v1" } : {}),
        },
      ]),
    ),
    ...(front === null ? {} : { https: { key: front.privateKeyPem, cert: front.certificatePem } }),
    ...(gatewaySteps === undefined ? {} : { steps: gatewaySteps }),
    observe: (answered: AnsweredRequest) => metrics.countRequest(answered.status),
  });
  closers.add(() => app.close());
  return listenOn(app, listen.host, listen.port);
}
