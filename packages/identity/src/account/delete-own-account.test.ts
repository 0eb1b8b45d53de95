// Leaving: at aal2 where there is a factor, soon after signing in, with every session ended and an event.
import { afterAll, beforeAll, expect, test } from "vitest";
import { goodPassword, TestIdentity } from "../testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());

const leave = (token: string, url = room.url) => room.call("DELETE", "/user", { token }, url);
const longMs = 20 * 60_000;

test("somebody deletes their own account: every session ends, nobody signs in to it, it is an event and a notice", async () => {
  const person = await room.person();
  const other = (await room.signIn(person.email, goodPassword)).body;
  expect((await leave(person.accessToken)).status).toBe(204);
  for (const token of [person.accessToken, other.access_token]) {
    expect((await room.call("GET", "/user", { token })).status).toBe(403);
  }
  expect((await room.signIn(person.email, goodPassword)).body.code).toBe("invalid_credentials");
  const deleted = room.events.find(({ name, subject }) => name === "account.deleted" && subject === person.id);
  expect(deleted).toMatchObject({ reason: "own" });
  const ended = room.events.filter(({ name, subject }) => name === "session.ended" && subject === person.id);
  expect(ended.map(({ reason }) => reason)).toEqual(["account-deleted", "account-deleted"]);
});

test("where there is a second factor, a session without it does not delete the account", async () => {
  const person = await room.guardedPerson();
  const weak = (await room.signIn(person.email, goodPassword)).body.access_token;
  expect((await leave(weak)).body.code).toBe("insufficient_aal");
  expect((await leave(person.accessToken)).status).toBe(204);
});

test("a session of twenty minutes ago does not either, and where nobody asks how old it is, the hole is seen", async () => {
  const person = await room.person();
  room.time += longMs;
  const { access_token: token } = (await room.refresh(person.refreshToken)).body;
  expect((await leave(token)).body.code).toBe("reauthentication_needed");
  const careless = await room.twin({ rules: { isRecentlyAuthenticated: () => true } });
  expect((await leave(token, await room.listen(careless))).status).toBe(204);
});
