// The platform's own API behind its private listener, with what it shows and starts: proofs, backups, the audit.
import type { Administration } from "@holdfast/identity";
import { controls, type Policy } from "@holdfast/policy";
import type { Cluster, PreparedDatabase } from "@holdfast/postgres";
import type { CertificateAuthority, Vault } from "@holdfast/vault";
import type { ApiContext } from "../api/api-route.ts";
import { createPlatformApi } from "../api/platform-api.ts";
import { createProofRunner } from "../api/proof-runner.ts";
import { startAudit } from "../audit/audit.ts";
import { keptCheckpoint, openAuditSigner } from "../audit/audit-signer.ts";
import { openRestoreRecords } from "../audit/restore-record.ts";
import { startPerformanceMonitor } from "../performance/performance-monitor.ts";
import type { Replicas } from "../replicas/replicas.ts";
import { serviceCertificate } from "./certificates.ts";
import type { Closers } from "./closers.ts";
import type { Foundation } from "./foundation.ts";
import { listenPrivately } from "./listen.ts";
import type { Mail } from "./mail.ts";
import { policyHash } from "./policy-hash.ts";
import { type BackupSettings, openBackups } from "./start-backups.ts";
import type { Ways } from "./start-identity.ts";

export interface ApiParts {
  readonly options: {
    readonly policy: Policy;
    readonly vault: Vault;
    readonly database: PreparedDatabase;
    readonly cluster: Cluster;
    readonly attackAgain?: (checks: readonly string[]) => Promise<void>;
    readonly backups?: BackupSettings;
    readonly onFailure?: (cause: unknown) => void;
    readonly progress?: (message: string) => void;
  };
  readonly foundation: Foundation;
  readonly authority: CertificateAuthority;
  readonly closers: Closers;
  readonly now: () => number;
  readonly mail: Mail;
  readonly replicas: Replicas;
}

/** Says where it listens. */
export async function startApi(
  { options, foundation, authority, closers, now, mail, replicas }: ApiParts,
  ways: Ways,
  administration: Administration,
): Promise<string> {
  const { policy, attackAgain } = options;
  const { logs, metrics, streams, emit, health, pools } = foundation;
  const proofs = createProofRunner({
    evidence: logs.evidence,
    now,
    onProgress: (run) => streams.send("proof", run),
    ...(attackAgain === undefined ? {} : { attackAgain }),
  });
  closers.add(() => proofs.stop());
  const backups = await openBackups(options.backups, {
    ...options,
    pool: pools.platform,
    emit,
    now,
    onFailure: options.onFailure ?? (() => undefined),
  });
  foundation.late.backups = backups;
  closers.add(() => backups.stop());
  const audit = startAudit({
    database: pools.platform,
    signer: await openAuditSigner(options.vault, options.database.database),
    kept: keptCheckpoint(options.vault, options.database.database),
    records: await openRestoreRecords(options.vault),
    isAutomatic: Object.values(policy.tables).some(({ audited }) => audited === true),
    emit,
    now,
    onFailure: options.onFailure ?? (() => undefined),
  });
  closers.add(() => audit.stop());
  const performance = startPerformanceMonitor({
    connect: () => options.database.administrator(),
    database: pools.platform,
    isLocal: options.cluster.kind === "embedded",
    emit,
    now,
    onFailure: options.onFailure ?? (() => undefined),
  });
  foundation.late.performance = performance;
  closers.add(() => performance.stop());
  const context: ApiContext = {
    policy,
    policyHash: policyHash(policy),
    controls,
    database: pools.platform,
    proofs,
    streams,
    metrics,
    events: logs.events,
    evidence: logs.evidence,
    alerts: logs.alerts,
    incidents: logs.incidents,
    response: logs.response,
    settled: logs.settled,
    inbox: mail.inbox,
    keyring: options.vault.keyring,
    backups,
    replicas,
    pools,
    audit,
    performance,
    administration,
    emit,
    health,
    now,
  };
  const app = await createPlatformApi({
    context,
    certificate: await serviceCertificate(authority, "platform"),
    subject: { ...ways, callers: policy.services.platform?.callers ?? [] },
  });
  closers.add(() => app.close());
  return listenPrivately(app);
}
