// What is attacked, and the gate that keeps an attack from leaving it: no packet goes to a host that is not allowed.
import type { Policy } from "@holdfast/policy";
import { ProbeError } from "./probe-error.ts";

/** Hosts that may be attacked when the caller names none. */
export const LOOPBACK_HOSTS: readonly string[] = ["localhost", "127.0.0.1", "::1"];

/** Where to connect when it is not what the origin says: a port chosen at start, or a broken twin in front. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A service behind the gateway, to be reached past the edge (NET-06). */
export interface UpstreamAddress extends Address {
  readonly service: string;
}

/** What a statement gave back through the application's own pool. */
export interface StatementResult {
  readonly rows: readonly Record<string, unknown>[];
  readonly rowCount: number | null;
}

/** Runs one statement as a subject, exactly as the application does. `claims` are verified JWT claims, or null for anonymous. */
export type RunAsSubject = (
  claims: Readonly<Record<string, unknown>> | null,
  text: string,
  values: readonly unknown[],
) => Promise<StatementResult>;

/** How to connect to PostgreSQL: what `pg` takes, stated here so that this package's types need no other package's. */
export interface ConnectionSettings {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | (() => string | Promise<string>) | undefined;
  readonly database?: string | undefined;
  readonly connectionString?: string | undefined;
  readonly ssl?: unknown;
}

/**
 * Connects to whatever answers at an address exactly as the application connects: "in", or why it did not come in. `plain` is the
 * application where its server speaks no TLS.
 */
export type EnterDatabase = (address: Address, way: "tls" | "plain", password: string) => Promise<string>;

/** A certificate and its key, as PEM. */
export interface ShownCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** PostgreSQL where it listens on TCP. */
export interface DatabaseListener {
  readonly address: Address;
  /** False for a server that was started like the running one would be, because that one listens on no port. */
  readonly isRunning: boolean;
  /** False for one that somebody else runs: it may speak TLS 1.2, and ask for no certificate. */
  readonly isOurs: boolean;
  readonly authorityPem?: string;
  readonly user: string;
  readonly password: string;
  /** What the application shows to it. */
  readonly own: { readonly cert?: string; readonly key?: string };
  /** Its unix socket, for a sabotage. */
  readonly socket?: { readonly path: string };
  readonly enter: EnterDatabase;
  /** Certificates of the true authority that an impostor shows, by what is wrong with it. */
  readonly certificates: Readonly<Record<string, ShownCertificate>>;
  close(): Promise<void>;
}

/** A pool like the application's, small enough to be filled. */
export interface NarrowPool {
  readonly connectionsMax: number;
  readonly queueMax: number;
  readonly run: RunAsSubject;
  close(): Promise<void>;
}

/** A replica of the target's database, as the application reads from it. */
export interface TargetReplica {
  /** The place in the log that everything committed by now lies before. */
  mark(): Promise<string>;
  /** Reads as a subject, and shows nothing older than the mark. */
  read(
    claims: Readonly<Record<string, unknown>> | null,
    text: string,
    values: readonly unknown[],
    mark: string | undefined,
  ): Promise<StatementResult>;
  /** Reads whatever it has at the moment: what a sabotage does. */
  readonly readAtOnce: RunAsSubject;
  close(): Promise<void>;
}

export interface TargetDatabase {
  /** Settings of the login role `holdfast_api`: what an attacker holds who stole the application's connection. */
  readonly apiConnection: ConnectionSettings;
  readonly asSubject: RunAsSubject;
  /** Opens a pool to be filled; without it nothing is proven about overload. */
  readonly narrowPool?: () => NarrowPool;
  /** Opens a replica; without it nothing is proven about replicas. */
  readonly replica?: () => Promise<TargetReplica>;
  /** Opens PostgreSQL's side that faces the network; without it nothing is proven about it. */
  readonly listener?: () => Promise<DatabaseListener>;
  /** Settings of an administrator, to plant canary rows and to read the catalogue. Without it most checks of rows look at nothing. */
  readonly administrator?: ConnectionSettings;
}

/** Whom the practice provider says somebody is. */
export interface PracticePerson {
  readonly subject: string;
  readonly email: string;
  readonly isEmailVerified: boolean;
}

/** A provider of the prover's own, by which people sign in to a disposable deployment. */
export interface PracticeProvider {
  /** What `/authorize?provider=` calls it. */
  readonly name: string;
  readonly clientId: string;
  /** Where the browser is sent back to, when this person signs in at the address it was sent to. */
  signIn(authorizationUrl: string, person: PracticePerson): Promise<string>;
  /** A genuine ID token with these claims. */
  idToken(claims: Readonly<Record<string, unknown>>): Promise<string>;
  readonly crooked: readonly CrookedProvider[];
  /** How often somebody has connected to where a crooked provider leads, inside the network. */
  touches(): number;
}

/** A provider of the prover's own that somebody has turned, or that has failed. */
export interface CrookedProvider {
  readonly name: string;
  readonly issuer: string;
  /**
   * `inside`: its keys are said to lie inside the network. `redirect`: what is asked for its keys is sent there. `silent`: it answers
   * nothing that could be used. `other`: its document is another issuer's.
   */
  readonly fault: "inside" | "redirect" | "silent" | "other";
}

/** A service of the prover's own that knows leaked passwords. */
export interface PracticeBreaches {
  /** What it says from now on of a password: that it was leaked, nothing (503), or something that is no answer. */
  hold(password: string, as: "leaked" | "silent" | "garbled"): void;
  /** Everything it was asked so far: paths with their queries. */
  asked(): readonly string[];
}

/** One place where a deployment writes, and what stands there. */
export interface Output {
  readonly place: string;
  readonly text: string;
  /** Something was made to go wrong for it; otherwise it was there. */
  readonly isProvoked: boolean;
}

/** What a deployment writes beside its answers. */
export interface TargetOutputs {
  /** Lets it read the canary as a secret, lets things go wrong, and gathers what it wrote. Not guarded: as if it did not know secrets. */
  gather(canary: string, isGuarded: boolean): Promise<readonly Output[]>;
}

export interface Target {
  /** The public origin, for example `https://localhost:8443`; also the `Host` and the TLS name that are sent. */
  readonly origin: string;
  /** Where to connect; the origin's host and port when absent. */
  readonly address?: Address;
  /** PEM of the certificate authority to trust; nothing else is trusted. */
  readonly authorityPem: string;
  readonly serviceKey: string;
  /**
   * A fresh operator's key: makes the run's accounts with roles that need approval, which the service key may not. Without it, checks
   * that need such people are unproven.
   */
  readonly operatorKey?: () => Promise<string>;
  readonly policy: Policy;
  /** SHA-256 of the policy's canonical JSON, as the caller computes it. */
  readonly policyHash: string;
  /** Hosts that may be attacked; loopback when absent. Unix sockets are always allowed. */
  readonly allowedHosts?: readonly string[];
  readonly database?: TargetDatabase;
  readonly upstreams?: readonly UpstreamAddress[];
  /** Moves the target's clock; only a disposable deployment has one. */
  readonly clock?: { advance(milliseconds: number): void | Promise<void> };
  /** A provider that the deployment takes for real; only a disposable deployment has one. */
  readonly practiceProvider?: PracticeProvider;
  /** Whom the deployment asks about leaked passwords; only a disposable one asks the prover. */
  readonly practiceBreaches?: PracticeBreaches;
  /** Without it nothing is proven about what the deployment writes. */
  readonly outputs?: TargetOutputs;
  /** Domain of the addresses of probe accounts; `probe.invalid` when absent (RFC 2606 §2: never delivered). */
  readonly emailDomain?: string;
}

/**
 * Refuses a target whose origin, address, services or database lie on a host that is not allowed.
 * Called before the first packet of every run.
 * @throws ProbeError `probes/origin-invalid`, `probes/host-not-allowed`
 */
export function assertAllowedTarget(target: Target): void {
  const allowed = target.allowedHosts ?? LOOPBACK_HOSTS;
  for (const { part, host } of targetHosts(target)) {
    if (allowed.includes(host) || host.startsWith("/")) continue;
    throw new ProbeError(
      "probes/host-not-allowed",
      `Expected ${part} on one of the allowed hosts (${allowed.join(", ")}), found "${host}". Nothing was sent.`,
      "Attack only what you own: name the host in allowedHosts if you may.",
    );
  }
}

/** Where the target's edge listens. */
export function edgeAddress(target: Target): Address {
  if (target.address) return target.address;
  const origin = new URL(target.origin);
  return { host: bareHost(origin.hostname), port: Number(origin.port || HTTPS_PORT) };
}

const HTTPS_PORT = 443;

function targetHosts(target: Target): { part: string; host: string }[] {
  const hosts = [{ part: "the origin", host: originHost(target.origin) }];
  if (target.address) hosts.push({ part: "the address", host: bareHost(target.address.host) });
  for (const upstream of target.upstreams ?? []) {
    hosts.push({ part: `the service "${upstream.service}"`, host: bareHost(upstream.host) });
  }
  const { apiConnection, administrator } = target.database ?? {};
  for (const [part, settings] of [
    ["the database", apiConnection],
    ["the database's administrator", administrator],
  ] as const) {
    if (settings) hosts.push({ part, host: bareHost(databaseHost(settings)) });
  }
  return hosts;
}

function databaseHost(settings: ConnectionSettings): string {
  // pg takes the host from the connection string in preference to `host`; an address we cannot read is not allowed.
  if (settings.connectionString === undefined) return settings.host ?? "an unnamed host";
  try {
    const url = new URL(settings.connectionString);
    // Named twice, pg takes the last; named empty, the one before the path.
    return url.searchParams.getAll("host").at(-1) || url.hostname;
  } catch {
    // Not a URL, so we cannot tell where it leads: refuse.
    return "an unreadable connection string";
  }
}

function originHost(origin: string): string {
  if (!URL.canParse(origin)) throw invalidOrigin(origin);
  const url = new URL(origin);
  if (url.protocol !== "https:" || url.origin !== origin) throw invalidOrigin(origin);
  return bareHost(url.hostname);
}

function invalidOrigin(origin: string): ProbeError {
  return new ProbeError(
    "probes/origin-invalid",
    `Expected an origin such as "https://localhost:8443", found "${origin}". Nothing was sent.`,
    "Give scheme, host and port only.",
  );
}

function bareHost(host: string): string {
  return host.replace(/^\[|\]$/gu, "").toLowerCase();
}
