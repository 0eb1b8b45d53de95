// What one instance calls back, another one on the same database knows within a second; what it cannot know, it says.
import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Identity, IdentityOptions } from "../identity.ts";
import { TestIdentity } from "../testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());

const learnMsMax = 1_000;
const sessionIdOf = (token: string): string => String(decodeJwt(token).session_id);

/** Another process's identity on the same database, and the sessions that its gateway was told of. */
async function neighbour(options: Partial<IdentityOptions> = {}): Promise<{ identity: Identity; heard: Set<string> }> {
  const heard = new Set<string>();
  const identity = await room.twin({
    watchEveryMs: 250,
    watchPool: room.pool("holdfast_identity"),
    onSessionEnded: (ids) => {
      for (const id of ids) heard.add(id);
    },
    ...options,
  });
  await identity.app.ready();
  return { identity, heard };
}

/** Milliseconds until the condition held; fails after ten times as long as is allowed. */
async function until(isTrue: () => boolean): Promise<number> {
  const startedAt = performance.now();
  while (!isTrue() && performance.now() - startedAt < 10 * learnMsMax) await new Promise((done) => setTimeout(done, 5));
  expect(isTrue()).toBe(true);
  return performance.now() - startedAt;
}

test("what ended before an instance starts is known before it serves", async () => {
  const { accessToken } = await room.person();
  await room.call("POST", "/logout", { token: accessToken });
  const { heard } = await neighbour();
  expect(heard).toContain(sessionIdOf(accessToken));
});

test("every cause reaches another instance within a second", async () => {
  const { heard } = await neighbour();
  const key = await room.identity.issueServiceKey();
  const admin = (method: string, path: string, body: object) => room.call(method, path, { token: key, body });
  const causes: Readonly<Record<string, (person: Awaited<ReturnType<typeof room.person>>) => Promise<unknown>>> = {
    logout: ({ accessToken }) => room.call("POST", "/logout", { token: accessToken }),
    revoke: ({ accessToken }) =>
      room.call("DELETE", `/user/sessions/${sessionIdOf(accessToken)}`, { token: accessToken }),
    ban: ({ id }) => admin("PUT", `/admin/users/${id}`, { ban_duration: "1h" }),
    delete: ({ id }) => admin("DELETE", `/admin/users/${id}`, {}),
    "soft delete": ({ id }) => admin("DELETE", `/admin/users/${id}`, { should_soft_delete: true }),
    password: ({ id }) => admin("PUT", `/admin/users/${id}`, { password: "harbour-lemon-orbit-63" }),
    "role removal": ({ id }) => admin("PUT", `/admin/users/${id}`, { app_metadata: { roles: [] } }),
    reuse: async ({ refreshToken }) => {
      await room.refresh((await room.refresh(refreshToken)).body.refresh_token);
      await room.refresh(refreshToken);
    },
  };
  const took: Record<string, number> = {};
  for (const [cause, end] of Object.entries(causes)) {
    const person = await room.person();
    await end(person);
    took[cause] = Math.round(await until(() => heard.has(sessionIdOf(person.accessToken))));
  }
  console.log("another instance learned after (ms):", JSON.stringify(took));
  for (const [cause, ms] of Object.entries(took)) expect(ms, cause).toBeLessThan(learnMsMax);
});

test("an instance that does not look learns nothing", async () => {
  const { heard } = await neighbour({ watchEveryMs: 0 });
  const { accessToken } = await room.person();
  await room.call("POST", "/logout", { token: accessToken });
  await new Promise((done) => setTimeout(done, learnMsMax));
  expect(heard).not.toContain(sessionIdOf(accessToken));
});

test("an end that was written before others but committed after them is not missed", async () => {
  const { heard } = await neighbour();
  const slow = await room.administrator();
  const id = "00000000-0000-4000-8000-000000000001";
  await slow.query("begin");
  await slow.query("insert into holdfast_keeper.ended_sessions values ($1, now(), now() + interval '10 minutes')", [
    id,
  ]);
  for (let index = 0; index < 3; index += 1) {
    const { accessToken } = await room.person();
    await room.call("POST", "/logout", { token: accessToken });
    await until(() => heard.has(sessionIdOf(accessToken)));
  }
  expect(heard).not.toContain(id);
  await slow.query("commit");
  await slow.end();
  expect(await until(() => heard.has(id))).toBeLessThan(learnMsMax);
});

test("an instance that cannot ask any more says that nothing is known, records it once, and knows again when it can", async () => {
  const watchPool = room.pool("holdfast_identity");
  const failures: string[] = [];
  const emit: IdentityOptions["emit"] = ({ name, reason }) => void failures.push(`${name} ${reason}`);
  const { identity } = await neighbour({ watchPool, emit });
  expect(identity.areRevocationsKnown()).toBe(true);
  const administrator = await room.administrator();
  // Nobody may read the table: the same to the watch as no connection, and it can be taken back.
  await administrator.query("revoke select on holdfast_keeper.ended_sessions from holdfast_identity");
  await until(() => !identity.areRevocationsKnown());
  expect(failures).toEqual(["api.error revocations-unheard: DatabaseError"]);
  await administrator.query("grant select on holdfast_keeper.ended_sessions to holdfast_identity");
  await administrator.end();
  await until(() => identity.areRevocationsKnown());
});

test("no session's row goes without a record, whoever removed it", async () => {
  const { id, accessToken } = await room.person();
  const { heard } = await neighbour();
  const administrator = await room.administrator();
  await administrator.query("delete from auth.users where id = $1", [id]);
  await administrator.end();
  await until(() => heard.has(sessionIdOf(accessToken)));
});

test("a right is taken away together with its sessions, or not at all", async () => {
  const { id, accessToken } = await room.person(["editor"]);
  const key = await room.identity.issueServiceKey();
  const administrator = await room.administrator();
  await administrator.query(
    `create function public.fail() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
     create trigger fail before insert on holdfast_keeper.ended_sessions for each row execute function public.fail()`,
  );
  const ban = await room.call("PUT", `/admin/users/${id}`, { token: key, body: { ban_duration: "1h" } });
  expect(ban.status).toBeGreaterThanOrEqual(400);
  expect((await room.call("DELETE", `/admin/users/${id}`, { token: key, body: {} })).status).toBeGreaterThanOrEqual(
    400,
  );
  await administrator.query("drop trigger fail on holdfast_keeper.ended_sessions");
  await administrator.end();
  expect((await room.call("GET", "/user", { token: accessToken })).status).toBe(200);
  expect(room.ended.flatMap(({ ids }) => ids)).not.toContain(sessionIdOf(accessToken));
  expect((await room.call("PUT", `/admin/users/${id}`, { token: key, body: { ban_duration: "1h" } })).status).toBe(200);
  expect((await room.call("GET", "/user", { token: accessToken })).status).toBe(403);
});
