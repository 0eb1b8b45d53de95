// Ten thousand accounts and a hundred thousand sessions: whatever identity asks of PostgreSQL is answered by an index. Every
// statement that it really sends is collected and explained; one that reads a large table from end to end fails the test.
import { randomUUID } from "node:crypto";
import type { DatabasePool } from "@holdfast/postgres";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeAt } from "./factor/totp.ts";
import { goodPassword, otherPassword, TestIdentity } from "./testing/start-identity.ts";

const users = 10_000;
const sessions = 100_000;
/** Tables that grow with the people and what they do. */
const largeTables = [
  "users",
  "identities",
  "sessions",
  "ended_sessions",
  "mfa_factors",
  "mfa_challenges",
  "attempts",
  "one_time_tokens",
];

const room = new TestIdentity();
const sent = new Map<string, readonly unknown[]>();

/** The pool, with every statement that goes through it remembered. */
function listening(pool: DatabasePool): DatabasePool {
  const remember = (text: string, values: readonly unknown[] = []) => sent.set(text, values);
  return new Proxy(pool, {
    get(target, name) {
      if (name === "query") {
        return (text: string, values?: readonly unknown[]) => {
          remember(text, values);
          return target.query(text, values);
        };
      }
      if (name === "transaction") {
        return <T>(work: Parameters<DatabasePool["transaction"]>[0]) =>
          target.transaction((transaction) =>
            work({
              query: (text: string, values?: readonly unknown[]) => {
                remember(text, values);
                return transaction.query(text, values) as never;
              },
            }),
          ) as Promise<T>;
      }
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

beforeAll(async () => {
  await room.start();
  const database = await room.administrator();
  const now = new Date(room.time).toISOString();
  await database.query(`
    insert into auth.users (id, email, encrypted_password, created_at, updated_at)
    select gen_random_uuid(), 'u' || n || '@example.test', '', timestamptz '${now}' - interval '1 minute' * n, '${now}'
    from generate_series(1, ${users}) n;
    insert into auth.identities (id, user_id, provider, provider_id, created_at, updated_at)
    select gen_random_uuid(), id, 'email', id::text, '${now}', '${now}' from auth.users;
    insert into auth.sessions (id, user_id, refresh_salt, rotated_at, refreshed_at, not_after, created_at, updated_at)
    select gen_random_uuid(), u.id, '\\x00', timestamptz '${now}' - interval '1 second' * n, timestamptz '${now}' - interval '1 second' * n,
      timestamptz '${now}' + interval '1 hour', '${now}', '${now}' from auth.users u, generate_series(1, ${sessions / users}) n;
    insert into holdfast_keeper.ended_sessions (session_id, ended_at, until)
    select gen_random_uuid()::text, '${now}', timestamptz '${now}' + interval '1 hour' from generate_series(1, ${users}) n;
    insert into auth.attempts (key, attempts, window_ends_at)
    select 'password:' || n, 1, timestamptz '${now}' + interval '1 hour' from generate_series(1, ${users}) n;
    insert into auth.mfa_factors (id, user_id, factor_type, sealed_secret, created_at, updated_at)
    select gen_random_uuid(), id, 'totp', '\\x00', '${now}', '${now}' from auth.users;
    update auth.mfa_factors set status = 'verified' where user_id in (
      select id from auth.users order by created_at limit ${users / 2});
    insert into auth.mfa_challenges (id, factor_id, created_at, expires_at)
    select gen_random_uuid(), id, '${now}', timestamptz '${now}' + interval '1 hour' from auth.mfa_factors;
    insert into auth.one_time_tokens (id, purpose, user_id, subject, secret_hash, payload, attempts, created_at, expires_at)
    select gen_random_uuid(), 'recover', id, email, sha256(id::text::bytea), '{}', 0, '${now}', timestamptz '${now}' + interval '1 hour' from auth.users;
    analyze;`);
  await database.end();
});
afterAll(() => room.stop());

/** What people and administrators do, once each. */
async function live(url: string): Promise<void> {
  const call = (method: string, path: string, token?: string, body?: unknown) =>
    room.call(
      method,
      path,
      { ...(token === undefined ? {} : { token }), ...(body === undefined ? {} : { body }) },
      url,
    );
  const key = await room.identity.issueServiceKey();
  const email = `scale-${randomUUID()}@example.test`;
  const made = await call("POST", "/admin/users", key, { email, password: goodPassword, email_confirm: true });
  const { id } = made.body;
  const signIn = async () =>
    (await call("POST", "/token?grant_type=password", undefined, { email, password: goodPassword })).body;
  await call("POST", "/signup", undefined, { email: `up-${email}`, password: goodPassword });
  await call("POST", "/token?grant_type=password", undefined, { email, password: "not-the-password-at-all" });
  const { access_token: token, refresh_token } = await signIn();
  const { body: refreshed } = await call("POST", "/token?grant_type=refresh_token", undefined, { refresh_token });
  await call("GET", "/user", token);
  await call("PUT", "/user", token, { data: { a: 1 } });
  await call("GET", "/user/sessions", token);
  const { body: factor } = await call("POST", "/factors", token, { factor_type: "totp" });
  const { body: challenge } = await call("POST", `/factors/${factor.id}/challenge`, token, {});
  const code = codeAt(factor.totp.secret, room.time);
  const { body: strong } = await call("POST", `/factors/${factor.id}/verify`, token, {
    challenge_id: challenge.id,
    code,
  });
  await call("DELETE", `/factors/${factor.id}`, strong.access_token);
  await call(
    "DELETE",
    `/user/sessions/${decodeJwt((await signIn()).access_token).session_id}`,
    (await signIn()).access_token,
  );
  await call("POST", "/recover", undefined, { email });
  await call("POST", "/otp", undefined, { email });
  await call("POST", "/verify", undefined, { type: "email", email, token: "000000" });
  await call("POST", "/token?grant_type=refresh_token", undefined, { refresh_token: refreshed.refresh_token });
  await call("POST", "/logout?scope=others", (await signIn()).access_token);
  await call("GET", "/admin/users?page=3", key);
  await call("GET", `/admin/users/${id}`, key);
  await call("GET", `/admin/users/${id}/factors`, key);
  await call("GET", "/admin/keys", key);
  await call("PUT", `/admin/users/${id}`, key, { password: otherPassword, email: `new-${email}` });
  await call("PUT", `/admin/users/${id}`, key, { ban_duration: "1h" });
  await call("DELETE", `/admin/users/${id}`, key, { should_soft_delete: true });
}

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly Plan[];
}

const wholeReads = (plan: Plan): readonly string[] => [
  ...(plan["Node Type"] === "Seq Scan" && largeTables.includes(plan["Relation Name"] ?? "")
    ? [plan["Relation Name"] ?? ""]
    : []),
  ...(plan.Plans ?? []).flatMap(wholeReads),
];

/** Statements that count or clear everything: they read a whole table because that is what they are for. */
const wholeTable = [/^select count\(\*\)::int as total from auth\.users/];

async function explain(text: string, values: readonly unknown[]): Promise<readonly string[]> {
  const pool = room.pool("holdfast_identity");
  const { rows } = await pool.query<{ "QUERY PLAN": readonly { Plan: Plan }[] }>(
    `explain (format json) ${text}`,
    values,
  );
  return rows.flatMap(({ "QUERY PLAN": plans }) => plans.flatMap(({ Plan: plan }) => wholeReads(plan)));
}

test("every statement identity sends finds what it wants by an index", async () => {
  const pool = listening(room.pool("holdfast_identity"));
  const identity = await room.twin({ pool, watchPool: pool, watchEveryMs: 100 });
  await live(await room.listen(identity));
  await identity.sweep();
  await new Promise((done) => setTimeout(done, 300));
  expect(sent.size).toBeGreaterThan(40);
  const slow: Record<string, readonly string[]> = {};
  for (const [text, values] of sent) {
    if (wholeTable.some((pattern) => pattern.test(text))) continue;
    const tables = await explain(text, values);
    if (tables.length > 0) slow[text.replace(/\s+/g, " ").slice(0, 200)] = tables;
  }
  console.log(`${sent.size} statements explained`);
  expect(slow).toEqual({});
});

/** What the console may take for a page at this size. */
const pageMsMax = 50;
const pageRoundsMax = 30;

test("pages of people and sessions are read by an index and fast, whatever they are asked for", async () => {
  sent.clear();
  const pool = listening(room.pool("holdfast_identity"));
  const { administration } = await room.twin({ pool });
  const limit = 50;
  const { next } = await administration.openSessions({ limit });
  const asked = {
    sessions: () => administration.openSessions({ limit }),
    "sessions of the next page": () => administration.openSessions({ limit, cursor: next ?? "" }),
    "sessions of one address": () => administration.openSessions({ limit, search: "u7777@" }),
    "sessions of nobody": () => administration.openSessions({ limit, search: "nobody" }),
    "sessions of everybody": () => administration.openSessions({ limit, search: "u" }),
    people: () => administration.people({ limit }),
    "people without a second factor": () => administration.people({ limit, protection: "none" }),
    "people with one": () => administration.people({ limit, protection: "some" }),
    "administrators without one": () => administration.people({ limit, protection: "none", roles: ["admin"] }),
  };
  const slow: Record<string, unknown> = {};
  for (const [name, ask] of Object.entries(asked)) {
    await ask();
    let best = Number.POSITIVE_INFINITY;
    // Again while it is over: other work on the machine is not what is measured.
    for (let round = 0; round < pageRoundsMax && (round < 3 || best > pageMsMax); round += 1) {
      const begun = performance.now();
      await ask();
      best = Math.min(best, performance.now() - begun);
    }
    console.log(`${name}: ${best.toFixed(1)} ms`);
    if (best > pageMsMax) slow[name] = best;
  }
  for (const [text, values] of sent) {
    const tables = await explain(text, values);
    if (tables.length > 0) slow[text.replace(/\s+/g, " ").slice(-300)] = tables;
  }
  expect(slow).toEqual({});
});

test("a statement without an index is caught", async () => {
  expect(await explain("select 1 from auth.sessions where user_agent = $1", ["x"])).toEqual(["sessions"]);
});
