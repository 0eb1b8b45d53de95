// Comparing a password takes long enough for the account to change meanwhile. Whoever knows an old password could keep a
// sign-in under way at every moment; what ends all sessions must end that one as well.
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Answer, TestIdentity } from "../testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());
beforeEach(() => {
  room.events.length = 0;
});

/** Signs in with the right password while somebody else changes the account. */
async function signInDuring(change: string, roles: readonly string[] = ["reader"]): Promise<Answer> {
  const { id, email } = await room.person(roles);
  const [answer] = await room.race("users", id, [() => room.signIn(email)], change);
  return answer as Answer;
}

test("a sign-in that was under way while the password changed begins no session", async () => {
  const change = "update auth.users set encrypted_password = 'another' where id = $1";
  const answer = await signInDuring(change);
  expect([answer.status, answer.body.code]).toEqual([409, "conflict"]);
  // The one before, by which the person came into being.
  expect(room.eventsNamed("signin.succeeded")).toHaveLength(1);
});

test("a sign-in that was under way while the account was banned or deleted begins no session", async () => {
  const banned = await signInDuring("update auth.users set banned_until = now() + interval '1 day' where id = $1");
  expect(banned.body.code).toBe("user_banned");
  expect(room.ended.at(-1)?.ids).toHaveLength(1);
  const deleted = await signInDuring(
    "update auth.users set deleted_at = now(), encrypted_password = null where id = $1",
  );
  expect(deleted.body.code).toBe("conflict");
});

test("a role that was taken away while the password was compared is in no token", async () => {
  const roles = `'{"roles":["reader"]}'`;
  const answer = await signInDuring(`update auth.users set raw_app_meta_data = ${roles} where id = $1`, ["admin"]);
  expect(answer.status).toBe(200);
  expect(decodeJwt(answer.body.access_token).app_metadata).toMatchObject({ roles: ["reader"] });
});

test("a change of what people say about themselves hinders nobody's sign-in", async () => {
  const answer = await signInDuring(`update auth.users set raw_user_meta_data = '{"a":1}' where id = $1`);
  expect(answer.status).toBe(200);
  expect(answer.body.user).toMatchObject({ user_metadata: { a: 1 } });
});
