// The roles every database of ours relies on. They belong to the whole cluster, so they are made once and corrected at every
// start: a role that somebody widened is narrow again.
import type { Client } from "pg";

/** Login roles: each has a password from the vault, none owns anything. */
export const loginRoles = ["holdfast_api", "holdfast_identity", "holdfast_platform"] as const;
export type LoginRole = (typeof loginRoles)[number];

/** Roles without a login. `holdfast_keeper` alone reads the claim keys; `holdfast_owner` owns the tables. */
export const groupRoles = ["anon", "authenticated", "service_role", "holdfast_owner", "holdfast_keeper"] as const;

/** The roles a request may take. Never one that bypasses row-level security. */
export const requestRoles = ["anon", "authenticated"] as const;

/** Any session of ours that changes roles takes this lock in the administrator's database first. "hold" in ASCII. */
const ROLE_LOCK = 0x686f6c64;

interface Timeouts {
  readonly statement: string;
  readonly lock: string;
  readonly idleInTransaction: string;
  readonly transaction: string;
}

const timeouts: Readonly<Record<LoginRole, Timeouts>> = {
  holdfast_api: { statement: "15s", lock: "5s", idleInTransaction: "15s", transaction: "60s" },
  holdfast_identity: { statement: "15s", lock: "5s", idleInTransaction: "15s", transaction: "60s" },
  holdfast_platform: { statement: "30s", lock: "10s", idleInTransaction: "15s", transaction: "60s" },
};

const TRANSACTION_TIMEOUT_SINCE = 17;
const MEMBERSHIP_OPTIONS_SINCE = 16;

/** Makes or corrects every role. `administrator` is connected to the maintenance database, where the lock is. */
export async function ensureRoles(
  administrator: Client,
  passwords: ReadonlyMap<LoginRole, string>,
  majorVersion: number,
): Promise<void> {
  await administrator.query("select pg_advisory_lock($1)", [ROLE_LOCK]);
  try {
    await administrator.query("begin");
    for (const role of groupRoles) await createRole(administrator, role, "inherit");
    // Since PostgreSQL 16 a membership takes NOINHERIT from its member when it is granted, so it must be there from the start.
    for (const role of loginRoles) await createRole(administrator, role, "noinherit");
    await narrowRoles(administrator, majorVersion);
    for (const role of loginRoles) {
      const password = administrator.escapeLiteral(passwords.get(role) as string);
      await administrator.query(`alter role ${role} login noinherit password ${password}`);
      await setTimeouts(administrator, role, majorVersion);
    }
    await administrator.query("commit");
  } catch (error) {
    await administrator.query("rollback").catch(() => undefined); // The connection is gone: nothing was committed.
    throw error;
  } finally {
    await administrator.query("select pg_advisory_unlock($1)", [ROLE_LOCK]).catch(() => undefined); // Gone with it.
  }
}

async function createRole(administrator: Client, role: string, inherit: "inherit" | "noinherit"): Promise<void> {
  const { rowCount } = await administrator.query("select 1 from pg_catalog.pg_roles where rolname = $1", [role]);
  if (rowCount === 0) await administrator.query(`create role ${role} nologin ${inherit}`);
}

async function narrowRoles(administrator: Client, majorVersion: number): Promise<void> {
  const { rows } = await administrator.query<{ isSuperuser: boolean }>(
    'select rolsuper as "isSuperuser" from pg_catalog.pg_roles where rolname = current_user',
  );
  const isSuperuser = rows[0]?.isSuperuser === true;
  // Only a superuser may mention SUPERUSER and REPLICATION at all; new roles have neither.
  const narrow = isSuperuser ? "nosuperuser noreplication nocreatedb nocreaterole" : "nocreatedb nocreaterole";
  for (const role of groupRoles) {
    await administrator.query(
      `alter role ${role} nologin ${narrow} ${role === "service_role" ? "bypassrls" : "nobypassrls"}`,
    );
  }
  for (const role of loginRoles) await administrator.query(`alter role ${role} ${narrow} nobypassrls noinherit`);
  await takeForeignMemberships(administrator);
  const options = majorVersion >= MEMBERSHIP_OPTIONS_SINCE ? " with inherit false, set true" : "";
  await administrator.query(`grant ${requestRoles.join(", ")} to holdfast_api${options}`);
  // Lets holdfast.verified() see which process leads a parallel worker of the API. The API's role itself has no rights.
  await administrator.query("grant holdfast_api to holdfast_keeper");
  if (!isSuperuser) await administrator.query("grant holdfast_owner, holdfast_keeper to current_user");
}

/** A membership that was added by hand, such as service_role for the API, would make every injection total. */
async function takeForeignMemberships(administrator: Client): Promise<void> {
  const { rows } = await administrator.query<{ member: string; role: string }>(
    `select quote_ident(member.rolname) as member, quote_ident(granted.rolname) as role
       from pg_catalog.pg_auth_members m
       join pg_catalog.pg_roles member on member.oid = m.member
       join pg_catalog.pg_roles granted on granted.oid = m.roleid
      where member.rolname = any ($1) and not (member.rolname = 'holdfast_api' and granted.rolname = any ($2))
        and not (member.rolname = 'holdfast_keeper' and granted.rolname = 'holdfast_api')`,
    [[...loginRoles, ...groupRoles], requestRoles],
  );
  for (const { member, role } of rows) await administrator.query(`revoke ${role} from ${member}`);
}

async function setTimeouts(administrator: Client, role: LoginRole, majorVersion: number): Promise<void> {
  const chosen = timeouts[role];
  await administrator.query(`alter role ${role} set statement_timeout = '${chosen.statement}'`);
  await administrator.query(`alter role ${role} set lock_timeout = '${chosen.lock}'`);
  await administrator.query(
    `alter role ${role} set idle_in_transaction_session_timeout = '${chosen.idleInTransaction}'`,
  );
  await administrator.query(`alter role ${role} set search_path = public`);
  if (majorVersion >= TRANSACTION_TIMEOUT_SINCE) {
    await administrator.query(`alter role ${role} set transaction_timeout = '${chosen.transaction}'`);
  }
}
