// The people of a run: two tenants, an editor, an administrator with and without a second factor, and throw-away victims.
// All are made through the administration interface with the service key, and removed at the end.
import { randomBytes, randomUUID } from "node:crypto";
import { type Subject, subjectFromClaims } from "@holdfast/policy";
import * as OTPAuth from "otpauth";
import type { Answer, EdgeClient } from "./edge-client.ts";
import { patiently } from "./patiently.ts";
import { ProbeError } from "./probe-error.ts";
import type { Redaction } from "./redaction.ts";
import { createHost } from "./sign-in-host.ts";
import type { Target } from "./target.ts";

const PASSWORD_BYTES = 24;

/** A signed-in person as the outside sees one. */
export interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly subject: Subject;
  readonly sessionId: string;
  /** How far the deployment's clock is ahead of ours, in milliseconds; 0 when they agree within a few seconds. */
  readonly aheadMs: number;
}

interface Credentials {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

export interface Account extends Session, Credentials {}

export interface Factor {
  readonly id: string;
  readonly secret: string;
}

export interface AccountOptions {
  readonly roles?: readonly string[];
}

export interface Accounts {
  /** Makes an account and signs it in. */
  make(options?: AccountOptions): Promise<Account>;
  /** Signs in with the account's password: one more session. */
  signIn(account: Account): Promise<Account>;
  /** Signs in and passes a fresh second factor: the account in a session of aal2, and the factor. */
  withSecondFactor(account: Account): Promise<{ account: Account; factor: Factor }>;
  /** Forgets an account that a check removed itself. */
  forget(id: string): void;
  /** Removes an account and proves that it is gone. */
  remove(id: string): Promise<void>;
  /** Removes every account that is left. @throws ProbeError `probes/left-behind` naming those that could not be removed. */
  removeAll(): Promise<void>;
}

export function createAccounts(target: Target, client: EdgeClient, redaction: Redaction): Accounts {
  const made = new Set<string>();
  const service = target.serviceKey;
  redaction.hide(service, "service-key");

  const create = async (roles?: readonly string[]): Promise<Credentials> => {
    const credentials = await createAccount(target, client, redaction, roles);
    made.add(credentials.id);
    return credentials;
  };
  const signIn = (credentials: Credentials, bearer: string | null): Promise<Account> =>
    signInWith(client, redaction, credentials, bearer, service);
  // Who has an address of their own needs nobody's bearer at first.
  const first = client.hasOwnAddress().then((isOwn) => (isOwn ? null : service));
  const host = createHost(first, async (bearer) => (await signIn(await create(), bearer)).accessToken);

  const accounts: Accounts = {
    make: async ({ roles } = {}) => await signIn(await create(roles), await host()),

    signIn: async (account) => await signIn(account, await host()),

    async withSecondFactor(account) {
      const factor = await enrolFactor(client, account, redaction);
      const answer = await verifyFactor(client, account, factor, totpCode(factor, 0, account));
      const session = sessionFrom(answer, redaction, "a session of aal2");
      return { account: { ...account, ...session }, factor };
    },

    forget: (id) => void made.delete(id),

    async remove(id) {
      const path = `/auth/v1/admin/users/${id}`;
      await patiently(client, { method: "DELETE", path, bearer: service });
      const gone = await patiently(client, { method: "GET", path, bearer: service });
      if (gone.status !== NOT_FOUND) throw leftBehind([id]);
      made.delete(id);
    },

    async removeAll() {
      const queue = [...made];
      const remover = async (): Promise<void> => {
        // Those that cannot be removed stay in `made` and are named below.
        for (let id = queue.pop(); id !== undefined; id = queue.pop()) await accounts.remove(id).catch(() => {});
      };
      await Promise.all(Array.from({ length: REMOVERS }, remover));
      if (made.size > 0) throw leftBehind([...made]);
    },
  };
  return accounts;
}

async function createAccount(
  target: Target,
  client: EdgeClient,
  redaction: Redaction,
  roles?: readonly string[],
): Promise<Credentials> {
  const email = `probe-${randomUUID()}@${target.emailDomain ?? "probe.invalid"}`;
  const password = randomBytes(PASSWORD_BYTES).toString("base64url");
  redaction.hide(password, "password");
  const answer = await patiently(client, {
    method: "POST",
    path: "/auth/v1/admin/users",
    bearer: await keyFor(target, redaction, roles ?? []),
    body: { email, password, email_confirm: true, ...(roles ? { app_metadata: { roles } } : {}) },
  });
  return { id: stringField(answer, "id", "an account"), email, password };
}

/** Nobody gives a role that needs approval alone, save the operator. */
async function keyFor(
  { policy, serviceKey, operatorKey }: Target,
  redaction: Redaction,
  roles: readonly string[],
): Promise<string> {
  if (operatorKey === undefined || !roles.some((role) => policy.roles[role]?.approval)) return serviceKey;
  const key = await operatorKey();
  redaction.hide(key, "operator-key");
  return key;
}

async function signInWith(
  client: EdgeClient,
  redaction: Redaction,
  { id, email, password }: Credentials,
  bearer: string | null,
  serviceKey: string,
): Promise<Account> {
  const ask = (as: string | null): Promise<Answer> =>
    patiently(client, {
      method: "POST",
      path: "/auth/v1/token?grant_type=password",
      body: { email, password },
      ...(as === null ? {} : { bearer: as }),
    });
  const asked = await ask(bearer);
  // A check that moves the clock ends the token of whoever paid for this sign-in; the service key goes on.
  const answer = asked.status === UNAUTHORIZED && bearer !== null ? await ask(serviceKey) : asked;
  return { ...sessionFrom(answer, redaction, "a session"), id, email, password };
}

/** Removals under way at the same time. */
const REMOVERS = 4;
const UNAUTHORIZED = 401;
const NOT_FOUND = 404;

/** Starts the enrolment of a TOTP factor. */
export async function enrolFactor(client: EdgeClient, session: Session, redaction: Redaction): Promise<Factor> {
  const enrolled = await client.ask({
    method: "POST",
    path: "/auth/v1/factors",
    bearer: session.accessToken,
    body: { factor_type: "totp", friendly_name: `probe-${randomUUID().slice(0, 8)}` },
  });
  const id = stringField(enrolled, "id", "a factor");
  const secret = (enrolled.json as { totp?: { secret?: unknown } }).totp?.secret;
  if (typeof secret !== "string") throw accountRefused("a TOTP secret", enrolled);
  redaction.hide(secret, "totp-secret");
  return { id, secret };
}

/** Asks for a challenge and answers it with a code. The answer is returned whatever it is. */
export async function verifyFactor(
  client: EdgeClient,
  session: Session,
  factor: Factor,
  code: string,
): Promise<Answer> {
  const challenge = await client.ask({
    method: "POST",
    path: `/auth/v1/factors/${factor.id}/challenge`,
    bearer: session.accessToken,
    body: {},
  });
  const challengeId = stringField(challenge, "id", "a challenge");
  return await client.ask({
    method: "POST",
    path: `/auth/v1/factors/${factor.id}/verify`,
    bearer: session.accessToken,
    body: { challenge_id: challengeId, code },
  });
}

const TOTP_PERIOD_SECONDS = 30;

/**
 * A code of RFC 6238 for the time step `offset` steps from now. A step counts once, so a second use of one factor needs the
 * next step: servers accept one step of skew (RFC 6238 §5.2).
 */
export function totpCode({ secret }: Factor, offset: number, { aheadMs }: Pick<Session, "aheadMs">): string {
  const totp = new OTPAuth.TOTP({ secret: OTPAuth.Secret.fromBase32(secret), period: TOTP_PERIOD_SECONDS });
  return totp.generate({ timestamp: Date.now() + aheadMs + offset * TOTP_PERIOD_SECONDS * 1000 });
}

/** Reads a session out of an answer in Supabase's shape. @throws ProbeError `probes/account-refused` */
export function sessionFrom(answer: Answer, redaction: Redaction, wanted: string): Session {
  const accessToken = stringField(answer, "access_token", wanted);
  const refreshToken = stringField(answer, "refresh_token", wanted);
  redaction.hide(accessToken, "access-token");
  redaction.hide(refreshToken, "refresh-token");
  const claims = decodeClaims(accessToken);
  return {
    accessToken,
    refreshToken,
    claims,
    subject: subjectFromClaims(claims),
    sessionId: String(claims["session_id"]),
    aheadMs: aheadOf(claims["iat"], answer.receivedAt),
  };
}

/** Less than this is the time of a request and the seconds that `iat` leaves out. */
const CLOCKS_AGREE_MS = 5_000;

function aheadOf(issuedAtSeconds: unknown, receivedAt: number): number {
  const ahead = Number(issuedAtSeconds) * 1000 - receivedAt;
  return Math.abs(ahead) > CLOCKS_AGREE_MS ? ahead : 0;
}

/** The claims of a token, unverified: it is ours, the server has just made it. */
export function decodeClaims(token: string): Readonly<Record<string, unknown>> {
  const payload = token.split(".")[1] ?? "";
  return JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Record<string, unknown>;
}

function stringField(answer: Answer, field: string, wanted: string): string {
  const value = (answer.json as Record<string, unknown> | undefined)?.[field];
  if (typeof value !== "string" || value === "") throw accountRefused(wanted, answer);
  return value;
}

function accountRefused(wanted: string, answer: Answer): ProbeError {
  return new ProbeError(
    "probes/account-refused",
    `Expected ${wanted}, got status ${answer.status}: ${errorWord(answer)}.`,
    "The run makes its own accounts with the service key: is the key this deployment's, and is no limit reached?",
  );
}

/** Prefixes of the `type` of a problem (RFC 9457 §3.1.1); what follows is its stable word. */
const PROBLEM_TYPE_PREFIX = /^(?:urn:holdfast:problem:|https:\/\/iana\.org\/assignments\/http-problem-types#)/u;

/** The stable word of a refusal, in whichever of the shapes it comes: Supabase's errors or a problem. "no error code" without one. */
export function errorWord(answer: Answer): string {
  const body = answer.json as Record<string, unknown> | undefined;
  for (const field of ["code", "error_code", "type", "error"]) {
    const value = body?.[field];
    if (typeof value === "string" && value !== "") return value.replace(PROBLEM_TYPE_PREFIX, "");
  }
  return "no error code";
}

function leftBehind(ids: readonly string[]): ProbeError {
  return new ProbeError(
    "probes/left-behind",
    `Expected every probe account to be removed, found ${ids.length} left: ${ids.slice(0, 3).join(", ")}.`,
    "Delete the accounts whose address begins with probe- through the administration interface.",
  );
}
