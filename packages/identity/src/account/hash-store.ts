// Password hashes in PostgreSQL: which schemes there are, and one in the place of another.
import type { Statements } from "../database.ts";
import type { ProfileCount } from "../password/decoys.ts";

/** Accounts that are looked at to learn which schemes their hashes have. */
const weighedAccountsMax = 20_000;
const percent = 100;

/** How many of a sample of the accounts have hashes of each scheme and cost (see `profileOf`). */
export async function countHashProfiles(database: Statements): Promise<readonly ProfileCount[]> {
  const estimate = await database.query<{ rows: number }>(
    "select greatest(reltuples, 1)::float8 as rows from pg_class where oid = 'auth.users'::regclass",
    [],
  );
  const share = Math.min(percent, (percent * weighedAccountsMax) / (estimate.rows[0]?.rows ?? 1));
  const { rows } = await database.query<ProfileCount>(
    `select profile, count(*)::int as accounts from (
       select substring(encrypted_password from
         '^\\$(?:2[aby]\\$\\d\\d|argon2id?\\$v=19\\$m=\\d+,t=\\d+,p=\\d+|fbscrypt\\$v=1,n=\\d+,r=\\d+,p=\\d+)') as profile
       from auth.users tablesample system ($1) where deleted_at is null) sampled
     where profile is not null group by profile order by accounts desc limit 32`,
    [share],
  );
  return rows;
}

/** Puts a new hash of the same password in the place of `seen`; false when the account has another one by now. */
export async function replacePasswordHash(
  database: Statements,
  id: string,
  seen: string,
  renewed: string,
  now: number,
): Promise<boolean> {
  const { rows } = await database.query(
    `update auth.users set encrypted_password = $3, updated_at = $4
     where id = $1 and encrypted_password = $2 and deleted_at is null returning id`,
    [id, seen, renewed, new Date(now)],
  );
  return rows.length === 1;
}
