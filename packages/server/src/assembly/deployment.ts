// How a policy runs here: which program answers for each application service, which folders hold the pages.
import type { SubjectPluginOptions } from "@holdfast/gateway/upstream";
import type { EmitEvent, Policy } from "@holdfast/policy";
import type { DatabasePool, ReadRouter, S3Options } from "@holdfast/postgres";
import type { ServiceCertificate } from "@holdfast/vault";
import type { MailSettings, TextMessageSettings } from "./mail.ts";

/** What an application service gets. It listens itself, with the certificate, and demands the gateway's. */
export interface UpstreamContext {
  /** Names the service (`spiffe://holdfast/<service>`) and carries the authority that callers must come from. */
  readonly certificate: ServiceCertificate;
  /** Connections as `holdfast_api`; use them through `asSubject`. Ended by the platform. */
  readonly pool: DatabasePool;
  /** Sends reads to replicas and never shows anybody less than they wrote; undefined where the policy asks for none. */
  readonly reads?: ReadRouter | undefined;
  /** Public keys of identity, for `subjectPlugin`. */
  readonly jwks: NonNullable<SubjectPluginOptions["jwks"]>;
  /** `<origin>/auth/v1`. */
  readonly issuer: string;
  readonly isSessionEnded: (sessionId: string) => boolean;
  /** False while nobody can tell what was called back, for `subjectPlugin`. */
  readonly areRevocationsKnown: () => boolean;
  /** Changes whenever a signing key is added or withdrawn, for `subjectPlugin`. */
  readonly keySetVersion: () => number;
  /** A secret that the policy declares, as it counts now: ask each time it is used. @throws VaultError when there is none */
  readonly secret: (name: string) => Promise<string>;
  readonly emit: EmitEvent;
  readonly now: () => number;
  readonly policy: Policy;
}

export interface RunningUpstream {
  /** `https://127.0.0.1:<port>`. */
  readonly url: string;
  close(): Promise<void>;
}

export type StartUpstream = (context: UpstreamContext) => Promise<RunningUpstream>;

export interface Deployment {
  /** The embedded PostgreSQL; it listens on a private unix socket alone unless this says more. */
  readonly postgres?: {
    /** Listen on 127.0.0.1 too, by TLS 1.3 and client certificates only. The port is chosen when none is given, or it is busy. */
    readonly tcp?: { readonly port?: number };
  };
  /** Folder of the application's own migrations, absolute. */
  readonly migrations: string;
  /** Where mail goes; without it messages are kept in the inbox. What it needs in secret comes from the environment. */
  readonly mail?: MailSettings;
  /** Who sends text messages; without it none leave a deployment that sends mail. */
  readonly textMessages?: TextMessageSettings;
  /**
   * Where backups go, when the policy asks for them: a folder, from the project's on, or a bucket, whose key is in the environment
   * (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY). A folder in the data directory unless given.
   */
  readonly backups?: { readonly folder: string } | { readonly s3: Omit<S3Options, "credentials" | "now"> };
  /** One for every application service of the policy. */
  readonly services: Readonly<Record<string, StartUpstream>>;
  /** Folders of built pages, one for every site of the policy. */
  readonly sites: Readonly<Record<string, { readonly directory: string }>>;
}

/** States a deployment; for `deployment.ts`. */
export function defineDeployment(deployment: Deployment): Deployment {
  return Object.freeze(deployment);
}
