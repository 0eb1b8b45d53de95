import { afterAll, beforeAll, expect, test } from "vitest";
import { TestIdentity } from "../testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());

async function count(table: string): Promise<number> {
  const administrator = await room.administrator();
  const { rows } = await administrator.query(`select count(*)::int as n from ${table}`);
  await administrator.end();
  return rows[0].n;
}

test("a sweep removes what has run out, records sessions that ended unnoticed, and leaves the rest", async () => {
  const gone = await room.guardedPerson();
  await room.challenge(gone.accessToken, gone.factorId);
  await room.signIn(gone.email, "wrong-password-of-mine");
  const left = await room.person();
  await room.call("POST", "/logout", { token: left.accessToken });
  room.pass(3600);
  const alive = await room.person();
  room.events.length = 0;
  await room.identity.sweep();
  expect(room.eventsNamed("session.ended")).toMatchObject([{ subject: gone.id, reason: "idle" }]);
  expect((await room.call("GET", "/user", { token: alive.accessToken })).status).toBe(200);
  expect(await count("auth.sessions")).toBe(1);
  expect(await count("auth.mfa_challenges")).toBe(0);
  // What somebody ended a while ago is forgotten; what the sweep itself removed is remembered like any other end.
  expect(await count("holdfast_keeper.ended_sessions")).toBe(1);
  // Forgiven attempts of the sign-in just made are still counted as none.
  expect(await count("auth.attempts")).toBeLessThanOrEqual(1);
});

test("what strangers can make by the thousand is gone after one sweep, and what lives is not", async () => {
  const administrator = await room.administrator();
  const insert = `insert into auth.one_time_tokens (id, purpose, secret_hash, created_at, expires_at)
    select gen_random_uuid(), 'provider-state', sha256(n::text::bytea), $1, $2 from generate_series(1, $3) n`;
  await administrator.query(insert, [new Date(room.time), new Date(room.time), 11_000]);
  await administrator.query(insert, [new Date(room.time), new Date(room.time + 1000), 3]);
  await administrator.end();
  await room.identity.sweep();
  expect(await count("auth.one_time_tokens where purpose = 'provider-state'")).toBe(3);
});
