// What an administrator sees of how an account is protected: its passkeys beside its factors, and who has neither.
import { afterAll, beforeAll, expect, test } from "vitest";
import { enrolKey, newAuthenticator, passkeyPerson, proveKey, signInWithPasskey } from "../testing/passkey-room.ts";
import { TestIdentity } from "../testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());

const flaggedMax = 100;
/** Nobody is as old as that, so that whoever is listed lacks a strong credential. */
const longAgo = 0;
const bare = async (): Promise<readonly string[]> =>
  (await room.identity.administration.doubtful(longAgo, ["admin"], flaggedMax)).map(({ id }) => id);

test("a passkey is shown with when it was added and last used, alone and in the list, and an administrator who has one is not flagged", async () => {
  const { id, authenticator, passkeyId, email } = await passkeyPerson(room, ["admin"]);
  const { administration } = room.identity;
  const added = { id: passkeyId, name: expect.any(String), createdAt: room.time, lastUsedAt: null };
  expect(await administration.person(id)).toMatchObject({ factors: [], passkeys: [added] });
  expect((await signInWithPasskey(room, authenticator)).status).toBe(200);
  const used = { ...added, lastUsedAt: room.time };
  expect(await administration.people({ search: email, limit: 1 })).toMatchObject({ people: [{ passkeys: [used] }] });
  expect(await bare()).not.toContain(id);
});

test("an administrator with a password alone has no passkey and is flagged; a security key is a factor and no passkey", async () => {
  const { id, accessToken } = await room.person(["admin"]);
  expect(await room.identity.administration.person(id)).toMatchObject({ factors: [], passkeys: [] });
  expect(await bare()).toContain(id);
  const key = await enrolKey(room, accessToken);
  expect((await proveKey(room, accessToken, key, newAuthenticator())).status).toBe(200);
  expect(await room.identity.administration.person(id)).toMatchObject({
    factors: [{ id: key, type: "webauthn", status: "verified" }],
    passkeys: [],
  });
  expect(await bare()).not.toContain(id);
});
