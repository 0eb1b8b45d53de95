// Assembles identity: routes, rules and rooms become one Fastify application. Who listens, and with which certificates, is
// decided by whoever starts it.
import type { ServerOptions } from "node:https";
import type { EmitEvent, Policy, ProviderPolicy } from "@holdfast/policy";
import type { DatabasePool } from "@holdfast/postgres";
import Fastify, { type FastifyInstance, type FastifyServerOptions } from "fastify";
import { type AccountRequest, createAccount } from "./account/create-account.ts";
import { weighDecoys } from "./account/weigh-decoys.ts";
import type { Database } from "./database.ts";
import { IdentityError } from "./error/identity-error.ts";
import type { DestroyKeys, IdentityContext, OnRolesChanged, OnSessionEnded } from "./identity-context.ts";
import { issueServiceKey } from "./key/issue-service-key.ts";
import type { PublishedKeys, SigningKeys } from "./key/signing-keys.ts";
import { requireCarrier } from "./message/carrier.ts";
import type { Message, Messenger } from "./message/message.ts";
import { createOutbox, type Outbox } from "./message/outbox.ts";
import { createOutboxStore } from "./message/outbox-store.ts";
import type { MessageAbout } from "./message/posted-message.ts";
import { allowCrossOrigin } from "./oauth/cross-origin.ts";
import { type BreachRange, createBreachRange } from "./password/breach-range.ts";
import { createPasswordHasher, type HashQueueLimits } from "./password/password-hasher.ts";
import { openProviders, type ProviderSecret } from "./provider/open-providers.ts";
import { bodyBytesMax, checkBody } from "./request/body-check.ts";
import { emitEvent } from "./request/caller.ts";
import { answerErrors, sendError } from "./request/error-answer.ts";
import { readForm } from "./request/form-body.ts";
import { createRevocationWatch, watchEveryMsUsual } from "./revocation/watch.ts";
import { type Administration, createAdministration } from "./role/administration.ts";
import { listGrantedSince } from "./role/role-store.ts";
import { routes } from "./routes.ts";
import { type Assurance, type IdentityRules, identityRules } from "./rules.ts";
import { currentAccessToken } from "./session/session-answer.ts";
import { listEndedSessions } from "./session/session-store.ts";
import { sweep, sweepEveryMs } from "./session/sweep.ts";
import { signOperatorKey } from "./token/access-token.ts";

export interface IdentityOptions {
  readonly policy: Policy;
  /** A pool of the role holdfast_identity. */
  readonly pool: DatabasePool;
  readonly keys: SigningKeys;
  readonly emit: EmitEvent;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Where people reach the deployment: the issuer is `<origin>/auth/v1`. */
  readonly origin: string;
  /** The client secret of a provider of the policy; one that is missing stops the start. */
  readonly providerSecret?: ProviderSecret;
  /** Providers besides the policy's: only a proving ground has one, by which it attacks the real code. */
  readonly moreProviders?: Readonly<Record<string, ProviderPolicy>>;
  /** Who knows leaked passwords, instead of the policy's: a proving ground asks nobody outside. */
  readonly breachRange?: string;
  /** Called at once when sessions end; tokens of theirs must be refused until `until` (ms). Must not throw. */
  readonly onSessionEnded?: OnSessionEnded;
  /** Told when another key signs, so that whoever holds a service key of this process asks for a new one. */
  readonly onKeysChanged?: () => Promise<void>;
  /** Carries messages to people: SMTP, or an inbox. */
  readonly messenger: Messenger;
  /** Called at once when an account was given a role; tokens of it signed before `at` (ms) say too little. Must not throw. */
  readonly onRolesChanged?: OnRolesChanged;
  /** Destroys what seals the data of a deleted account. Without it nothing of theirs is sealed. */
  readonly destroyKeys?: DestroyKeys;
  /** Other decision functions, to assemble a twin with a hole. */
  readonly rules?: Partial<IdentityRules>;
  /** How long the one refresh token before the current one may be sent again. Default 10; 0 forbids it. */
  readonly reuseIntervalSeconds?: number;
  readonly hashQueue?: HashQueueLimits;
  /** Another pool of the role, with a connection that no request uses: asks what other instances called back. Default: `pool`. */
  readonly watchPool?: DatabasePool;
  /** How often it is asked. Default 250; 0 never asks, for a process that has the database to itself. */
  readonly watchEveryMs?: number;
  /** TLS for the listener; without it `app` listens in the clear. The gateway's certificate must be demanded. */
  readonly serverOptions?: ServerOptions;
}

export interface Identity {
  /** Every endpoint without the prefix `/auth/v1`; not listening yet. */
  readonly app: FastifyInstance;
  /** A new service key: an ES256 JWT of role service_role, valid for a year. The label says what it is for. */
  issueServiceKey(label?: string): Promise<string>;
  /** A new operator's key, valid for an hour: a service key that also does what needs somebody else's approval. */
  issueOperatorKey(): Promise<string>;
  /** What an administrator does with other people's accounts. */
  readonly administration: Administration;
  /**
   * An access token of the session as it stands now, worth no more than `assurance`, for whoever presented an older one; null
   * when the session is over.
   */
  currentToken(sessionId: string, assurance: Assurance): Promise<string | null>;
  /** Accounts that were given a role while tokens of before may still be alive, and when: for a gateway that starts. */
  rolesGranted(): Promise<readonly { readonly userId: string; readonly at: number }[]>;
  jwks(): PublishedKeys;
  /** Changes whenever a signing key is added or withdrawn. */
  keySetVersion(): number;
  /** @throws IdentityError email_exists, weak_password, email_address_invalid, validation_failed */
  createAccount(account: NewAccount): Promise<{ readonly id: string }>;
  /** Sessions that ended while an access token of theirs may still be alive: for a gateway that starts. */
  endedSessions(): Promise<readonly string[]>;
  /** False while it cannot be told what has ended: tokens must be refused then. */
  areRevocationsKnown(): boolean;
  /** Clears away what has run out. Happens every ten minutes by itself. */
  sweep(): Promise<void>;
}

export interface NewAccount {
  readonly email: string;
  readonly password: string;
  readonly roles: readonly string[];
}

const reuseIntervalSecondsUsual = 10;
const requestTimeoutMs = 10_000;
const adoptEveryMs = 60_000;
const pathParameterCharactersMax = 64;

const statementsOf = (pool: DatabasePool): Database => ({
  query: async (text, values) => (await pool.query(text, values)) as never,
  transaction: (work) => pool.transaction((transaction) => work(transaction as never)),
});

/** Builds identity. Nothing is sent or stored before the first request. @throws IdentityError validation_failed (see requireCarrier) */
export async function createIdentity(options: IdentityOptions): Promise<Identity> {
  const { emit, now } = options;
  requireCarrier(options.policy, options.messenger);
  const rules = { ...identityRules, ...options.rules };
  const context: IdentityContext = {
    policy: options.policy,
    database: statementsOf(options.pool),
    keys: options.keys,
    issuer: `${options.origin}/auth/v1`,
    now,
    emit,
    onSessionEnded: options.onSessionEnded ?? (() => undefined),
    onKeysChanged: options.onKeysChanged ?? (async () => undefined),
    outbox: outboxOf(options, statementsOf(options.pool)),
    providers: await openProviders(
      { ...options.policy.identity.providers, ...options.moreProviders },
      options.providerSecret ?? (async () => undefined),
      now,
      { mayReach: rules.mayReach },
    ),
    onRolesChanged: options.onRolesChanged ?? (() => undefined),
    destroyKeys: options.destroyKeys ?? (async () => undefined),
    rules,
    hasher: createPasswordHasher(options.hashQueue, options.policy.identity.password.hash),
    breachRange: breachRangeOf(options),
    reuseIntervalSeconds: options.reuseIntervalSeconds ?? reuseIntervalSecondsUsual,
  };
  const app = createApplication(options.serverOptions);
  answerErrors(app, context);
  allowCrossOrigin(app, context);
  for (const add of Object.values(routes)) add(app, context);
  sweepRegularly(app, context);
  adoptRegularly(app, context);
  const { pool, watchPool = pool, watchEveryMs = watchEveryMsUsual } = options;
  const watch = createRevocationWatch({
    context: { ...context, database: statementsOf(watchPool) },
    everyMs: watchEveryMs,
  });
  app.addHook("onReady", () => watch.start());
  app.addHook("onClose", async () => watch.stop());
  weighDecoysAtStart(app, context);
  return {
    app,
    issueServiceKey: (label = "") => issueServiceKey(context, label),
    issueOperatorKey: () => signOperatorKey(context),
    administration: createAdministration(context),
    currentToken: (sessionId, assurance) => currentAccessToken(context, sessionId, assurance),
    rolesGranted: () =>
      listGrantedSince(context.database, now() - context.policy.identity.session.accessTokenSeconds * 1000),
    jwks: () => context.keys.published(),
    keySetVersion: () => context.keys.version(),
    createAccount: async ({ email, password, roles }) => {
      // The operator vouches for the address.
      const request: AccountRequest = { email, password, appMetadata: { roles }, isEmailConfirmed: true };
      const { id } = await createAccount(context, null, request);
      const detail = { roles: roles.join(",") };
      emit({ name: "account.created", at: now(), service: "identity", subject: id, reason: "operator", detail });
      return { id };
    },
    areRevocationsKnown: () => watch.isKnown(),
    sweep: () => sweep(context),
    endedSessions: () => listEndedSessions(context.database, context.now()),
  };
}

/** Every message is an event: that it went, or that it could not. */
function outboxOf({ messenger, emit, now, keys }: IdentityOptions, database: Database): Outbox {
  const announce = (name: "message.sent" | "message.failed", message: Message, about: MessageAbout, reason?: string) =>
    emitEvent({ emit, now }, about.caller, name, {
      ...(about.subject === undefined ? {} : { subject: about.subject }),
      ...(reason === undefined ? {} : { reason: reason.slice(0, 64) }),
      detail: { kind: message.kind, account: about.account },
    });
  return createOutbox({
    messenger,
    now,
    store: createOutboxStore({ database, now, key: keys.derive("outbox") }),
    onSent: (message, about) => announce("message.sent", message, about),
    onFailed: (message, about, reason) => announce("message.failed", message, about, reason),
  });
}

function breachRangeOf({ policy, breachRange: own }: IdentityOptions): BreachRange | null {
  const breachRange = own ?? policy.identity.password.breachRange;
  return breachRange === null ? null : createBreachRange(breachRange);
}

function sweepRegularly(app: FastifyInstance, context: IdentityContext): void {
  const timer = setInterval(() => {
    sweep(context).catch((error: Error) => {
      // The next sweep tries again; until then rows stay that nobody reads.
      context.emit({ name: "api.error", at: context.now(), service: "identity", reason: `sweep: ${error.name}` });
    });
  }, sweepEveryMs);
  timer.unref();
  app.addHook("onClose", async () => clearInterval(timer));
}

/** Messages of a process that is gone: at the start, and once a minute. */
function adoptRegularly(app: FastifyInstance, { outbox, emit, now }: IdentityContext): void {
  const adopt = (): Promise<void> =>
    outbox.adopt().catch((error: Error) => {
      // The next look tries again; until then they wait.
      emit({ name: "api.error", at: now(), service: "identity", reason: `outbox: ${error.name}` });
    });
  const timer = setInterval(() => void adopt(), adoptEveryMs);
  timer.unref();
  app.addHook("onReady", () => void adopt());
  app.addHook("onClose", async () => {
    clearInterval(timer);
    await outbox.close();
  });
}

function weighDecoysAtStart(app: FastifyInstance, context: IdentityContext): void {
  app.addHook("onReady", async () => {
    try {
      await weighDecoys(context);
    } catch (error) {
      // Until the next sweep every decoy costs what a new hash costs; a database that fails is told by each request.
      context.emit({
        name: "api.error",
        at: context.now(),
        service: "identity",
        reason: `decoys: ${(error as Error).name}`,
      });
    }
  });
}

function createApplication(serverOptions: ServerOptions | undefined): FastifyInstance {
  const options: FastifyServerOptions = {
    logger: false,
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    exposeHeadRoutes: false,
    frameworkErrors: (_error, request, reply) => {
      const message = "The request path is malformed";
      return sendError(request, reply, new IdentityError("validation_failed", { message }));
    },
    routerOptions: { maxParamLength: pathParameterCharactersMax },
    // A body is what it is: nothing is converted, dropped or filled in.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false } },
  };
  const secure = serverOptions === undefined ? {} : { https: serverOptions };
  const app = Fastify({ ...options, ...secure }) as unknown as FastifyInstance;
  readJson(app);
  // Nothing here may be kept by a cache, except what a route says itself (ASVS 5.0 §14.3.2).
  app.addHook("onSend", async (_request, reply) => {
    if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
  });
  return app;
}

/** JSON only; auth-js announces JSON also where it sends nothing. */
function readJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, text, done) => {
    if (text === "") done(null, {});
    else parse(request, text as string, done);
  });
  readForm(app);
  app.addHook("preValidation", async (request) => checkBody(request.body));
}
