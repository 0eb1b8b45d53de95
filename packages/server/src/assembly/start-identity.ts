// Starts identity, our own or the one that stands for a hosted project, and says how tokens are verified wherever they arrive.
import { guardPeers, type SubjectPluginOptions, upstreamTlsOptions } from "@holdfast/gateway/upstream";
import {
  createHostedIdentity,
  createIdentity,
  type Identity,
  type IdentityOptions,
  type IdentityRules,
  openSigningKeys,
  type ProviderSecret,
} from "@holdfast/identity";
import type { Policy } from "@holdfast/policy";
import type { CertificateAuthority, Secrets, Vault } from "@holdfast/vault";
import type { FastifyInstance } from "fastify";
import { serviceCertificate } from "./certificates.ts";
import type { Closers } from "./closers.ts";
import type { Foundation } from "./foundation.ts";
import { listenPrivately } from "./listen.ts";
import { type Mail, refuseUncarried } from "./mail.ts";
import { refuseMissingSecrets } from "./provider-secrets.ts";
import { createRoleChanges, type RoleChanges } from "./role-changes.ts";

/** What identity is started with. */
interface Parts {
  readonly options: {
    readonly policy: Policy;
    readonly vault: Vault;
    readonly identityRules?: Partial<IdentityRules>;
    readonly providerSecret?: ProviderSecret;
    readonly moreProviders?: IdentityOptions["moreProviders"];
    readonly breachRange?: IdentityOptions["breachRange"];
    readonly onServiceKey?: (serviceKey: string) => Promise<void>;
  };
  readonly secrets: Pick<Secrets, "read">;
  readonly foundation: Foundation;
  readonly authority: CertificateAuthority;
  readonly closers: Closers;
  readonly now: () => number;
  readonly mail: Mail;
  /** The platform's own; another one after the key that signs has changed. */
  readonly serviceKey: { current: string };
}

/** How tokens are verified, wherever they arrive. */
export interface Ways {
  readonly issuer: string;
  readonly jwks: NonNullable<SubjectPluginOptions["jwks"]>;
  readonly isSessionEnded: (sessionId: string) => boolean;
  readonly areRevocationsKnown: () => boolean;
  readonly keySetVersion: () => number;
}

export interface StartedIdentity {
  /** Where accounts are kept here; null where they live in a hosted project. */
  readonly local: Identity | null;
  readonly ways: Ways;
  readonly roleChanges: RoleChanges;
  readonly url: string;
  issueServiceKey(): Promise<string>;
  issueOperatorKey(): Promise<string>;
}

const millisecondsPerSecond = 1000;
/** What the list of service keys calls the platform's own. */
const SERVICE_KEY_LABEL = "deployment";

export function startIdentity(parts: Parts): Promise<StartedIdentity> {
  return parts.options.policy.identity.hosted === null ? startOurs(parts) : startHosted(parts);
}

async function startOurs(parts: Parts): Promise<StartedIdentity> {
  const { options, secrets, foundation, authority, now, mail } = parts;
  const { policy, identityRules, moreProviders, breachRange } = options;
  const providerSecret = options.providerSecret ?? ((name: string) => secrets.read(`provider.${name}`));
  await refuseMissingSecrets(policy, providerSecret);
  refuseUncarried(policy, mail.messenger);
  const { ended, streams, pools, emit } = foundation;
  const late: { identity?: Identity } = {};
  const roleChanges = createRoleChanges({
    now,
    lifetimeMs: lifetimeMsOf(parts),
    currentToken: async (sessionId, assurance) => (await late.identity?.currentToken(sessionId, assurance)) ?? null,
  });
  const identity = await createIdentity({
    policy,
    emit,
    now,
    pool: pools.identity,
    messenger: mail.messenger,
    watchPool: pools.watch,
    origin: policy.application.origin,
    providerSecret,
    ...(moreProviders === undefined ? {} : { moreProviders }),
    ...(breachRange === undefined ? {} : { breachRange }),
    keys: await keysOf(parts),
    serverOptions: upstreamTlsOptions(await serviceCertificate(authority, "identity")),
    async onKeysChanged() {
      parts.serviceKey.current = await identity.issueServiceKey(SERVICE_KEY_LABEL);
      await options.onServiceKey?.(parts.serviceKey.current);
    },
    onSessionEnded(sessionIds, until) {
      ended.add(sessionIds, until);
      streams.endSessions(sessionIds);
    },
    // Only whoever has keys leaves a mark in the keyring, where strangers come and go.
    async destroyKeys(userId) {
      const { keyring } = options.vault;
      if (await keyring.hasKeys(userId)) await keyring.shred(userId);
    },
    onRolesChanged: (userId, at) => roleChanges.add(userId, at),
    ...(identityRules === undefined ? {} : { rules: identityRules }),
  });
  late.identity = identity;
  for (const { userId, at } of await identity.rolesGranted()) roleChanges.add(userId, at);
  // A session that ended before this start must stay ended.
  ended.add(await identity.endedSessions(), now() + lifetimeMsOf(parts));
  const ways: Ways = {
    issuer: `${policy.application.origin}/auth/v1`,
    jwks: () => ({ keys: [...identity.jwks().keys] }),
    isSessionEnded: (sessionId) => ended.has(sessionId),
    areRevocationsKnown: () => identity.areRevocationsKnown(),
    keySetVersion: () => identity.keySetVersion(),
  };
  return { ...keyIssuers(identity), local: identity, ways, roleChanges, url: await listen(parts, identity.app) };
}

/** Tokens are the project's; what it ends is known when they run out, and which roles it gives when they are next refreshed. */
async function startHosted(parts: Parts): Promise<StartedIdentity> {
  const { options, foundation, authority, now } = parts;
  const identity = await createHostedIdentity({
    policy: options.policy,
    emit: foundation.emit,
    now,
    keys: await keysOf(parts),
    serverOptions: upstreamTlsOptions(await serviceCertificate(authority, "identity")),
  });
  const ways: Ways = {
    issuer: identity.issuer,
    jwks: async (wanted = "") => ({ keys: [...(await identity.jwksWith(wanted)).keys] }),
    isSessionEnded: (sessionId) => foundation.ended.has(sessionId),
    areRevocationsKnown: () => identity.areKeysKnown(),
    keySetVersion: () => identity.keySetVersion(),
  };
  const roleChanges = createRoleChanges({ now, lifetimeMs: lifetimeMsOf(parts), currentToken: async () => null });
  return { ...keyIssuers(identity), local: null, ways, roleChanges, url: await listen(parts, identity.app) };
}

const keyIssuers = (identity: Pick<Identity, "issueServiceKey" | "issueOperatorKey">) => ({
  issueServiceKey: () => identity.issueServiceKey(SERVICE_KEY_LABEL),
  issueOperatorKey: () => identity.issueOperatorKey(),
});

const lifetimeMsOf = ({ options }: Parts): number =>
  options.policy.identity.session.accessTokenSeconds * millisecondsPerSecond;

const keysOf = ({ options: { vault } }: Parts) =>
  openSigningKeys({
    secret: (name, make) => vault.secret(name, make),
    replace: (name, value) => vault.replaceSecret(name, value),
    latest: (name) => vault.latestSecret(name),
  });

async function listen({ options, foundation, closers, now }: Parts, app: FastifyInstance): Promise<string> {
  const { emit } = foundation;
  guardPeers(app.server, { service: "identity", emit, now }, options.policy.services.identity?.callers);
  closers.add(() => app.close());
  return await listenPrivately(app);
}
