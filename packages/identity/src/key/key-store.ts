// Signing keys and service keys in PostgreSQL: public halves, moments, and which service key was issued when. Nothing here can
// sign anything.
import type { Statements } from "../database.ts";
import { type EndedSession, endSessionsWhere } from "../session/session-store.ts";
import type { PublicKey } from "./signing-keys.ts";

export interface KnownKey {
  readonly publicKey: PublicKey;
  readonly madeAt: number;
  readonly retiredAt: number | null;
  readonly revokedAt: number | null;
  /** Service keys that it signed and that could still be used. */
  readonly serviceKeys: number;
}

interface KeyRow {
  readonly public_key: PublicKey;
  readonly made_at: Date;
  readonly retired_at: Date | null;
  readonly revoked_at: Date | null;
  readonly service_keys: number;
}

const isAlive = `k.expires_at > $1 and not exists (
  select from holdfast_keeper.ended_sessions e where e.session_id = k.id::text)`;

/** Keys that are shown and looked at; the newest ones. */
const keysMax = 100;

/** Every key, newest first. */
export async function listKeys(database: Statements, now: number): Promise<readonly KnownKey[]> {
  const { rows } = await database.query<KeyRow>(
    `select s.public_key, s.made_at, s.retired_at, s.revoked_at,
       (select count(*)::int from auth.service_keys k where k.kid = s.kid and ${isAlive}) as service_keys
     from auth.signing_keys s order by s.made_at desc, s.kid limit $2`,
    [new Date(now), keysMax],
  );
  return rows.map((row) => ({
    publicKey: row.public_key,
    madeAt: row.made_at.getTime(),
    retiredAt: row.retired_at?.getTime() ?? null,
    revokedAt: row.revoked_at?.getTime() ?? null,
    serviceKeys: row.service_keys,
  }));
}

/** Makes a key known to whoever verifies, and says since when another one signs no more. */
export async function keepKey(
  database: Statements,
  made: PublicKey,
  before: PublicKey | null,
  now: number,
): Promise<void> {
  await database.query(
    `with retired as (update auth.signing_keys set retired_at = $4 where kid = $3 and retired_at is null)
     insert into auth.signing_keys (kid, public_key, made_at) values ($1, $2, $4) on conflict do nothing`,
    [made.kid, JSON.stringify(made), before?.kid ?? null, new Date(now)],
  );
}

/** False when there is no such key, or it is revoked already. */
export async function revokeKey(database: Statements, kid: string, now: number): Promise<boolean> {
  const { rows } = await database.query(
    `update auth.signing_keys set revoked_at = $2, retired_at = coalesce(retired_at, $2)
     where kid = $1 and revoked_at is null returning kid`,
    [kid, new Date(now)],
  );
  return rows.length === 1;
}

export interface ServiceKey {
  readonly id: string;
  readonly kid: string;
  readonly label: string;
  readonly madeAt: number;
  readonly expiresAt: number;
}

export async function insertServiceKey(database: Statements, key: ServiceKey): Promise<void> {
  await database.query(
    "insert into auth.service_keys (id, kid, label, made_at, expires_at) values ($1, $2, $3, $4, $5)",
    [key.id, key.kid, key.label, new Date(key.madeAt), new Date(key.expiresAt)],
  );
}

/** Was the service key issued here, and is it neither revoked nor over? */
export async function isServiceKeyAlive(database: Statements, id: string, now: number): Promise<boolean> {
  const { rows } = await database.query(`select from auth.service_keys k where k.id = $2 and ${isAlive}`, [
    new Date(now),
    id,
  ]);
  return rows.length === 1;
}

/** Those that could be used, newest first. */
export async function listServiceKeys(database: Statements, now: number): Promise<readonly ServiceKey[]> {
  const { rows } = await database.query<{ id: string; kid: string; label: string; made_at: Date; expires_at: Date }>(
    `select k.id, k.kid, k.label, k.made_at, k.expires_at from auth.service_keys k where ${isAlive}
     order by k.made_at desc, k.id limit $2`,
    [new Date(now), keysMax],
  );
  return rows.map((row) => ({
    id: row.id,
    kid: row.kid,
    label: row.label,
    madeAt: row.made_at.getTime(),
    expiresAt: row.expires_at.getTime(),
  }));
}

/** Which service keys are revoked: one, or all that a signing key made. */
export type ServiceKeyChoice = { readonly id: string } | { readonly kid: string };

/** Returns the ids of those that were alive. */
export async function endServiceKeys(
  database: Statements,
  choice: ServiceKeyChoice,
  now: number,
): Promise<readonly string[]> {
  const [column, value] = "id" in choice ? (["id", choice.id] as const) : (["kid", choice.kid] as const);
  const { rows } = await database.query<{ session_id: string }>(
    `insert into holdfast_keeper.ended_sessions (session_id, ended_at, until)
     select k.id::text, $1, k.expires_at from auth.service_keys k where k.${column} = $2 and ${isAlive}
     on conflict do nothing returning session_id`,
    [new Date(now), value],
  );
  return rows.map((row) => row.session_id);
}

/** The sessions that refreshed between two moments: they hold an access token of the key that signed then. */
const refreshedBetween = "s.refreshed_at >= $1 and s.refreshed_at <= $2";

export async function countSessionsRefreshed(database: Statements, from: number, to: number): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    `select count(*)::int as n from auth.sessions s where ${refreshedBetween}`,
    [new Date(from), new Date(to)],
  );
  return rows[0]?.n ?? 0;
}

/** Ends them. */
export async function endSessionsRefreshed(
  database: Statements,
  from: number,
  to: number,
  now: number,
  until: number,
): Promise<readonly EndedSession[]> {
  return await endSessionsWhere(database, refreshedBetween, [new Date(from), new Date(to)], now, until);
}
