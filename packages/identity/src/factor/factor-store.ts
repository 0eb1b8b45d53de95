// Factors and challenges in PostgreSQL.
import type { Account, Factor, FactorType } from "../account/account.ts";
import { type Database, lockAccount } from "../database.ts";
import { type EndedSession, endedJson } from "../session/session-store.ts";
import type { AuthenticationMethod } from "../token/access-token.ts";

export interface NewFactor {
  readonly id: string;
  readonly userId: string;
  readonly type: FactorType;
  readonly friendlyName: string;
  /** Of an authenticator application. */
  readonly sealedSecret: Buffer | null;
  /** Of codes by text message. */
  readonly phone?: string;
  /** Recovery codes need no first proof: whoever gets them has proven another factor. */
  readonly status?: "verified";
}

/** Factors of one account, unfinished ones among them. */
const factorsMax = 10;
/** Unfinished enrolments older than this are forgotten. */
const enrolmentSeconds = 300;
const millisecondsPerSecond = 1000;

/**
 * Stores an unverified factor. "exists" when the account has another one of that name, "too-many" when it has all it may have.
 */
export function insertFactor(
  database: Database,
  factor: NewFactor,
  now: number,
): Promise<"added" | "exists" | "too-many"> {
  return database.transaction(async (statements) => {
    await lockAccount(statements, factor.userId);
    const { rows } = await statements.query<{ allowed: boolean; added: boolean }>(
      `with allowed as (select from auth.mfa_factors where user_id = $2 having count(*) < $9), added as (
         insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, sealed_secret, phone, created_at, updated_at)
         select $1, $2, $3, $4, $5, $6, $7, $8, $8 from allowed on conflict do nothing returning id
       )
       select exists (select from allowed) as allowed, exists (select from added) as added`,
      [
        factor.id,
        factor.userId,
        factor.friendlyName,
        factor.type,
        factor.status ?? "unverified",
        factor.sealedSecret,
        factor.phone ?? "",
        new Date(now),
        factorsMax,
      ],
    );
    if (rows[0]?.added === true) return "added";
    return rows[0]?.allowed === true ? "exists" : "too-many";
  });
}

export async function forgetStaleEnrolments(database: Database, userId: string, now: number): Promise<void> {
  await database.query(
    "delete from auth.mfa_factors where user_id = $1 and status = 'unverified' and created_at <= $2",
    [userId, new Date(now - enrolmentSeconds * millisecondsPerSecond)],
  );
}

/** The account's factor, unless its enrolment was begun too long ago. */
export function findFactor(account: Account, id: string, now: number): Factor | null {
  const factor = account.factors.find((one) => one.id === id);
  if (factor === undefined) return null;
  const isStale = new Date(factor.createdAt).getTime() <= now - enrolmentSeconds * millisecondsPerSecond;
  return factor.status === "unverified" && isStale ? null : factor;
}

/** Removes unfinished enrolments of all accounts, at most `max`. */
export async function removeStaleEnrolments(database: Database, now: number, max: number): Promise<void> {
  await database.query(
    `delete from auth.mfa_factors where id in (
       select id from auth.mfa_factors where status = 'unverified' and created_at <= $1 limit $2)`,
    [new Date(now - enrolmentSeconds * millisecondsPerSecond), max],
  );
}

/** Notes that somebody was asked for the factor. */
export async function noteChallenge(database: Database, factorId: string, now: number): Promise<void> {
  await database.query("update auth.mfa_factors set last_challenged_at = $2 where id = $1", [factorId, new Date(now)]);
}

export async function deleteFactor(database: Database, userId: string, id: string): Promise<boolean> {
  const { rows } = await database.query("delete from auth.mfa_factors where user_id = $1 and id = $2 returning id", [
    userId,
    id,
  ]);
  return rows.length === 1;
}

export async function insertChallenge(
  database: Database,
  challenge: { readonly id: string; readonly factorId: string; readonly expiresAt: number },
  now: number,
): Promise<void> {
  await database.query(
    `with stale as (delete from auth.mfa_challenges where factor_id = $2 and expires_at <= $3),
     seen as (update auth.mfa_factors set last_challenged_at = $3 where id = $2)
     insert into auth.mfa_challenges (id, factor_id, created_at, expires_at) values ($1, $2, $3, $4)`,
    [challenge.id, challenge.factorId, new Date(now), new Date(challenge.expiresAt)],
  );
}

export interface OpenChallenge {
  readonly sealedSecret: Buffer;
  readonly status: "unverified" | "verified";
}

/** The factor's secret, if the challenge is its own, unspent and unexpired. */
export async function findOpenChallenge(
  database: Database,
  challenge: { readonly id: string; readonly factorId: string; readonly userId: string },
  now: number,
): Promise<OpenChallenge | null> {
  const { rows } = await database.query<{ sealed_secret: Buffer; status: OpenChallenge["status"] }>(
    `select f.sealed_secret, f.status from auth.mfa_challenges c join auth.mfa_factors f on f.id = c.factor_id
     where c.id = $1 and f.id = $2 and f.user_id = $3 and c.verified_at is null and c.expires_at > $4`,
    [challenge.id, challenge.factorId, challenge.userId, new Date(now)],
  );
  return rows[0] === undefined ? null : { sealedSecret: rows[0].sealed_secret, status: rows[0].status };
}

export interface Lift {
  readonly factorId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly amr: readonly AuthenticationMethod[];
  /** Ends the account's sessions that have not passed a second factor. */
  readonly endsWeakerSessions: boolean;
  /** Until when tokens of the ended sessions could be alive. */
  readonly until: number;
}

export interface Redemption extends Lift {
  readonly challengeId: string;
  readonly step: number;
  /** The step counts only while the factor's last accepted step is below this. */
  readonly spentStepBound: number;
}

export interface Redeemed {
  readonly ended: readonly EndedSession[];
}

/**
 * Spends the code's time step and the challenge and lifts the session to aal2, in one statement: of any number of parallel
 * redemptions of one code exactly one finds the step unspent, because each waits for the row and looks again.
 * The refresh counter moves on by two, so that the refresh token of the session at aal1 can never yield aal2.
 * Null when the step or the challenge was spent, or the session is gone.
 */
export async function redeemStep(database: Database, redemption: Redemption, now: number): Promise<Redeemed | null> {
  const { rows } = await database.query<Redeemed>(
    `with step as (
       update auth.mfa_factors set last_step = $5, status = 'verified', updated_at = $7
       where id = $1 and user_id = $3 and last_step < $6
         and exists (select from auth.mfa_challenges c where c.id = $2 and c.factor_id = $1 and c.verified_at is null and c.expires_at > $7)
         and exists (select from auth.sessions s where s.id = $4 and s.user_id = $3)
       returning id
     ), challenge as (
       update auth.mfa_challenges set verified_at = $7 where id = $2 and exists (select from step)
     ), session as (
       update auth.sessions set aal = 'aal2', amr = $8, refresh_counter = refresh_counter + 2, rotated_at = $7,
         refreshed_at = $7, updated_at = $7
       where id = $4 and user_id = $3 and exists (select from step) returning id
     ), unfinished as (
       delete from auth.mfa_factors where user_id = $3 and id <> $1 and status = 'unverified' and exists (select from step)
     ), gone as (
       delete from auth.sessions where $9 and user_id = $3 and id <> $4
           and not exists (select from jsonb_array_elements(amr) p where p ? 'credential') and exists (select from step)
       returning id, user_id, actor_id
     ), recorded as (
       insert into holdfast_keeper.ended_sessions (session_id, ended_at, until) select id::text, $7, $10 from gone on conflict do nothing
     )
     select ${endedJson} as ended from session`,
    [
      redemption.factorId,
      redemption.challengeId,
      redemption.userId,
      redemption.sessionId,
      redemption.step,
      redemption.spentStepBound,
      new Date(now),
      JSON.stringify(redemption.amr),
      redemption.endsWeakerSessions,
      new Date(redemption.until),
    ],
  );
  return rows[0] ?? null;
}

/**
 * Lifts the session to aal2 for a proof that is spent already, and makes the factor a verified one. The refresh counter moves on
 * by two, as above. Null when the factor or the session is gone.
 */
export async function lift(database: Database, { amr, ...lifted }: Lift, now: number): Promise<Redeemed | null> {
  const { rows } = await database.query<Redeemed>(
    `with factor as (
       update auth.mfa_factors set status = 'verified', updated_at = $5 where id = $1 and user_id = $2
         and exists (select from auth.sessions s where s.id = $3 and s.user_id = $2)
       returning id
     ), session as (
       update auth.sessions set aal = 'aal2', amr = $4, refresh_counter = refresh_counter + 2, rotated_at = $5,
         refreshed_at = $5, updated_at = $5
       where id = $3 and user_id = $2 and exists (select from factor) returning id
     ), unfinished as (
       delete from auth.mfa_factors where user_id = $2 and id <> $1 and status = 'unverified' and exists (select from factor)
     ), gone as (
       delete from auth.sessions where $6 and user_id = $2 and id <> $3
           and not exists (select from jsonb_array_elements(amr) p where p ? 'credential') and exists (select from factor)
       returning id, user_id, actor_id
     ), recorded as (
       insert into holdfast_keeper.ended_sessions (session_id, ended_at, until) select id::text, $5, $7 from gone on conflict do nothing
     )
     select ${endedJson} as ended from session`,
    [
      lifted.factorId,
      lifted.userId,
      lifted.sessionId,
      JSON.stringify(amr),
      new Date(now),
      lifted.endsWeakerSessions,
      new Date(lifted.until),
    ],
  );
  return rows[0] ?? null;
}
