// The one way in which something is used once. Redeeming is one statement that finds, counts and spends: of any number of
// parallel attempts at one token exactly one succeeds, and of guesses at a code no more than five are looked at.
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import type { Statements } from "../database.ts";
import type { IdentityContext } from "../identity-context.ts";
import type { OncePurpose } from "./purpose.ts";

type OnceContext = Pick<IdentityContext, "keys" | "now" | "rules"> & { readonly database: Statements };

/**
 * `token`: 32 random bytes as base64url. `digits`: six digits, which a person can type and anybody can guess. `both`: either of
 * the two redeems the same token. `given`: made elsewhere.
 */
export type OnceSecret = "token" | "digits" | "both" | { readonly given: string };

export interface OnceRequest {
  readonly purpose: OncePurpose;
  /** Whom or what it is for. Digits and what was given redeem only together with it. */
  readonly subject: string;
  readonly userId: string | null;
  readonly seconds: number;
  /** How long the digits may be used, where that is shorter than the token beside them. */
  readonly codeSeconds?: number;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly secret: OnceSecret;
  /** Nobody can redeem it: the work of issuing for an address that has no account. */
  readonly decoy?: boolean;
}

export interface Issued {
  readonly id: string;
  /** The token, or the digits, or what was given. */
  readonly secret: string;
  /** The digits, where there are some; otherwise "". */
  readonly code: string;
}

export interface Redeemed {
  readonly id: string;
  readonly userId: string | null;
  readonly subject: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

const tokenBytes = 32;
const digitsCount = 6;
/** Wrong guesses after which a code is dead (NIST SP 800-63B §3.2.2 allows no more than 100; ours are short). */
export const codeGuessesMax = 5;
const millisecondsPerSecond = 1000;

const makeToken = (): string => randomBytes(tokenBytes).toString("base64url");
const makeDigits = (): string => String(randomInt(10 ** digitsCount)).padStart(digitsCount, "0");

const hashOf = (context: OnceContext, ...parts: readonly string[]): Buffer =>
  context.rules.onceHash(context.keys.derive("one-time-token"), parts);

// A token that nobody can guess is found by itself; what is short or came from elsewhere only together with its subject.
const tokenHash = (context: OnceContext, purpose: OncePurpose, token: string) =>
  hashOf(context, purpose, "token", token);
const givenHash = (context: OnceContext, purpose: OncePurpose, subject: string, given: string) =>
  hashOf(context, purpose, "given", subject, given);
const codeHash = (context: OnceContext, purpose: OncePurpose, subject: string, code: string) =>
  hashOf(context, purpose, "code", subject, code);

function makeSecrets(context: OnceContext, { purpose, subject, secret }: OnceRequest) {
  if (typeof secret === "object") {
    return {
      secret: secret.given,
      code: "",
      secretHash: givenHash(context, purpose, subject, secret.given),
      codeHash: null,
    };
  }
  const token = secret === "digits" ? "" : makeToken();
  const code = secret === "token" ? "" : makeDigits();
  return {
    secret: token === "" ? code : token,
    code,
    secretHash: token === "" ? null : tokenHash(context, purpose, token),
    codeHash: code === "" ? null : codeHash(context, purpose, subject, code),
  };
}

/** Makes a token and keeps its hash. */
export async function issueOnce(context: OnceContext, request: OnceRequest): Promise<Issued> {
  const id = randomUUID();
  const now = context.now();
  const made = makeSecrets(context, request);
  await context.database.query(
    `insert into auth.one_time_tokens (id, purpose, user_id, subject, secret_hash, code_hash, payload, created_at, expires_at, spent_at, code_expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, case when $10 then $8::timestamptz end, $11)`,
    [
      id,
      request.purpose,
      request.userId,
      request.subject,
      made.secretHash,
      made.codeHash,
      JSON.stringify(request.payload),
      new Date(now),
      new Date(now + request.seconds * millisecondsPerSecond),
      request.decoy === true,
      new Date(now + Math.min(request.codeSeconds ?? request.seconds, request.seconds) * millisecondsPerSecond),
    ],
  );
  return { id, secret: made.secret, code: made.code };
}

export interface OnceProof {
  readonly purpose: OncePurpose;
  /** Without it only a token redeems. */
  readonly subject?: string;
  readonly secret: string;
}

/**
 * Redeems a token, a code or what was given; null when there is none that lives. A wrong code counts against every code that
 * lives for the subject. Rows are locked in one order, so that two attempts never wait for each other.
 */
export async function spendOnce(context: OnceContext, proof: OnceProof): Promise<Redeemed | null> {
  const { purpose, subject, secret } = proof;
  const now = context.now();
  const secrets = [tokenHash(context, purpose, secret)];
  if (subject !== undefined) secrets.push(givenHash(context, purpose, subject, secret));
  const { rows } = await context.database.query<RedeemedRow>(
    `with met as (
       select id from auth.one_time_tokens
       where purpose = $1 and (spent_at is null or $8) and expires_at > $6 and ($3::text is null or subject = $3)
         and (secret_hash = any($2) or ($3::text is not null and code_hash is not null and attempts < $7
           and coalesce(code_expires_at, expires_at) > $6))
       order by id for update
     )
     update auth.one_time_tokens t set
       spent_at = case when coalesce(t.secret_hash = any($2), false) or coalesce(t.code_hash = $4, false) then $5 else t.spent_at end,
       attempts = t.attempts + case when coalesce(t.secret_hash = any($2), false) or coalesce(t.code_hash = $4, false) then 0 else 1 end
     from met where t.id = met.id and (t.spent_at is null or $8) and t.expires_at > $6
     returning t.id, t.user_id, t.subject, t.payload,
       coalesce(t.secret_hash = any($2), false) or coalesce(t.code_hash = $4, false) as redeemed`,
    [
      purpose,
      secrets,
      subject ?? null,
      codeHash(context, purpose, subject ?? "", secret),
      new Date(now),
      new Date(context.rules.expiryBound(now)),
      context.rules.codeGuessesMax(codeGuessesMax),
      context.rules.mayRedeemAgain(),
    ],
  );
  const redeemed = rows.filter((row) => row.redeemed);
  // Two that live with the same six digits: nobody can tell which of them was meant, and both are spent.
  const row = redeemed.length === 1 ? redeemed[0] : undefined;
  return row === undefined ? null : { id: row.id, userId: row.user_id, subject: row.subject, payload: row.payload };
}

interface RedeemedRow {
  readonly id: string;
  readonly user_id: string | null;
  readonly subject: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly redeemed: boolean;
}

/** A token that lives, without spending it: for a page that shows what would happen. Never for a decision. */
export async function peekOnce(context: OnceContext, purpose: OncePurpose, token: string): Promise<Redeemed | null> {
  const { rows } = await context.database.query<RedeemedRow>(
    `select id, user_id, subject, payload from auth.one_time_tokens
     where purpose = $1 and secret_hash = $2 and (spent_at is null or $4) and expires_at > $3`,
    [
      purpose,
      tokenHash(context, purpose, token),
      new Date(context.rules.expiryBound(context.now())),
      context.rules.mayRedeemAgain(),
    ],
  );
  const row = rows[0];
  return row === undefined ? null : { id: row.id, userId: row.user_id, subject: row.subject, payload: row.payload };
}

/** Ends the tokens of these purposes that live for the account, or for the subject. Returns how many. */
export async function endOnce(
  context: OnceContext,
  whose: { readonly userId: string } | { readonly subject: string },
  purposes: readonly OncePurpose[],
): Promise<number> {
  const [column, value] = "userId" in whose ? ["user_id", whose.userId] : ["subject", whose.subject];
  const { rows } = await context.database.query(
    `update auth.one_time_tokens set spent_at = $3
     where ${column} = $1 and purpose = any($2) and spent_at is null returning id`,
    [value, purposes, new Date(context.now())],
  );
  return rows.length;
}

/** Removes tokens that have run out, at most `max`. Returns how many. */
export async function removeOldTokens(context: OnceContext, max: number): Promise<number> {
  const { rows } = await context.database.query(
    `delete from auth.one_time_tokens
     where id in (select id from auth.one_time_tokens where expires_at <= $1 limit $2) returning id`,
    [new Date(context.now()), max],
  );
  return rows.length;
}
