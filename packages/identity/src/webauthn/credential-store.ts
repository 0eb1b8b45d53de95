// WebAuthn credentials in PostgreSQL: passkeys, and security keys that are a second factor.
import { type Database, lockAccount, type Statements } from "../database.ts";
import type { CredentialOwner } from "../rules.ts";

export interface NewCredential {
  readonly credentialId: Buffer;
  /** COSE_Key. */
  readonly publicKey: Buffer;
  readonly signCount: number;
  readonly transports: readonly string[];
  readonly aaguid: string;
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
}

export interface Credential extends CredentialOwner {
  readonly id: string;
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
}

export interface Passkey {
  readonly id: string;
  readonly friendlyName: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

interface PasskeyRow {
  readonly id: string;
  readonly friendly_name: string;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}

/** Passkeys of one account. */
export const passkeysMax = 10;

const passkeyColumns = "id, friendly_name, created_at, last_used_at";

const passkeyFromRow = (row: PasskeyRow): Passkey => ({
  id: row.id,
  friendlyName: row.friendly_name,
  createdAt: row.created_at.getTime(),
  lastUsedAt: row.last_used_at === null ? null : row.last_used_at.getTime(),
});

/**
 * Stores a credential. "exists" when any account has one of that id; "too-many" when the account has all the passkeys it may have:
 * its row is locked while they are counted.
 */
export async function insertCredential(
  database: Database,
  owner: CredentialOwner,
  added: NewCredential & { readonly id: string; readonly friendlyName: string },
  now: number,
): Promise<"added" | "exists" | "too-many"> {
  const { rows } = await database.transaction(async (statements) => {
    await lockAccount(statements, owner.userId);
    return insertCounted(statements, owner, added, now);
  });
  if (rows[0]?.added === true) return "added";
  return rows[0]?.allowed === true ? "exists" : "too-many";
}

const insertCounted = (
  statements: Statements,
  owner: CredentialOwner,
  added: NewCredential & { readonly id: string; readonly friendlyName: string },
  now: number,
): Promise<{ readonly rows: readonly { readonly allowed: boolean; readonly added: boolean }[] }> =>
  statements.query(
    `with account as (select id from auth.users where id = $2),
     allowed as (
       select a.id from account a where $3::uuid is not null
         or (select count(*) from auth.webauthn_credentials c where c.user_id = a.id and c.factor_id is null) < $13
     ), added as (
       insert into auth.webauthn_credentials (id, user_id, factor_id, credential_id, public_key, sign_count, transports, aaguid,
         backup_eligible, backed_up, friendly_name, created_at, updated_at)
       select $1, id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12 from allowed on conflict do nothing returning id
     )
     select exists (select from allowed) as allowed, exists (select from added) as added`,
    [
      added.id,
      owner.userId,
      owner.factorId,
      added.credentialId,
      added.publicKey,
      added.signCount,
      JSON.stringify(added.transports),
      added.aaguid,
      added.backupEligible,
      added.backedUp,
      added.friendlyName,
      new Date(now),
      passkeysMax,
    ],
  );

/** Whichever account has the credential, or null. */
export async function findCredential(database: Database, credentialId: Buffer): Promise<Credential | null> {
  const { rows } = await database.query<{
    id: string;
    user_id: string;
    factor_id: string | null;
    credential_id: Buffer;
    public_key: Buffer;
  }>(
    "select id, user_id, factor_id, credential_id, public_key from auth.webauthn_credentials where credential_id = $1",
    [credentialId],
  );
  const row = rows[0];
  if (row === undefined) return null;
  return {
    id: row.id,
    userId: row.user_id,
    factorId: row.factor_id,
    credentialId: row.credential_id,
    publicKey: row.public_key,
  };
}

/** Moves the counter on, if it stands below `bound`. False when it does not: the authenticator may have been copied. */
export async function useCredential(
  database: Database,
  used: { readonly id: string; readonly signCount: number; readonly bound: number; readonly backedUp: boolean },
  now: number,
): Promise<boolean> {
  const { rows } = await database.query(
    `update auth.webauthn_credentials set sign_count = $2, backed_up = $4, last_used_at = $5, updated_at = $5
     where id = $1 and sign_count < $3 returning id`,
    [used.id, used.signCount, used.bound, used.backedUp, new Date(now)],
  );
  return rows.length === 1;
}

/** Credential ids and transports of one factor, or with null of all passkeys. */
export async function credentialsOf(
  database: Database,
  { userId, factorId }: CredentialOwner,
): Promise<readonly { readonly id: string; readonly transports: string[] }[]> {
  const { rows } = await database.query<{ credential_id: Buffer; transports: string[] }>(
    `select credential_id, transports from auth.webauthn_credentials
     where user_id = $1 and factor_id is not distinct from $2 order by created_at`,
    [userId, factorId],
  );
  return rows.map((row) => ({ id: row.credential_id.toString("base64url"), transports: row.transports }));
}

/** Oldest first. */
export async function listPasskeys(database: Database, userId: string): Promise<readonly Passkey[]> {
  const { rows } = await database.query<PasskeyRow>(
    `select ${passkeyColumns} from auth.webauthn_credentials where user_id = $1 and factor_id is null
     order by created_at, id limit $2`,
    [userId, passkeysMax],
  );
  return rows.map(passkeyFromRow);
}

export async function renamePasskey(
  database: Database,
  userId: string,
  id: string,
  friendlyName: string,
  now: number,
): Promise<Passkey | null> {
  const { rows } = await database.query<PasskeyRow>(
    `update auth.webauthn_credentials set friendly_name = $3, updated_at = $4
     where user_id = $1 and id = $2 and factor_id is null returning ${passkeyColumns}`,
    [userId, id, friendlyName, new Date(now)],
  );
  return rows[0] === undefined ? null : passkeyFromRow(rows[0]);
}

export async function deletePasskey(database: Database, userId: string, id: string): Promise<boolean> {
  const { rows } = await database.query(
    "delete from auth.webauthn_credentials where user_id = $1 and id = $2 and factor_id is null returning id",
    [userId, id],
  );
  return rows.length === 1;
}
