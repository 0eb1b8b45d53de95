// What an administrator sees of how an account is protected: its passkeys beside its factors, and who has neither.
import { afterAll, beforeAll, expect, test } from "vitest";
import { enrolKey, newAuthenticator, passkeyPerson, proveKey, signInWithPasskey } from "../testing/passkey-room.ts";
import { TestIdentity, testPolicy } from "../testing/start-identity.ts";

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

test("what the policy turns off protects nobody, though it is stored still", async () => {
  const { id } = await passkeyPerson(room, ["admin"]);
  const keyHolder = await room.person(["admin"]);
  const key = await enrolKey(room, keyHolder.accessToken);
  await proveKey(room, keyHolder.accessToken, key, newAuthenticator());
  const seenBy = async ({ administration }: TestIdentity["identity"]) => ({
    flagged: (await administration.doubtful(longAgo, ["admin"], flaggedMax)).map((person) => person.id),
    protection: [(await administration.person(id)).protection, (await administration.person(keyHolder.id)).protection],
  });
  const on = await seenBy(room.identity);
  expect(on.protection).toEqual(["passkey", "factor"]);
  expect(on.flagged).not.toContain(id);
  const { identity } = testPolicy;
  const factors = { ...identity.factors, webauthn: false };
  const off = await seenBy(
    await room.twin({ policy: { ...testPolicy, identity: { ...identity, passkeys: false, factors } } }),
  );
  expect(off.protection).toEqual(["none", "none"]);
  expect(off.flagged).toEqual(expect.arrayContaining([id, keyHolder.id]));
});

test("recovery codes go with the last credential that the policy lets count beside them", async () => {
  const person = await room.guardedPerson(["reader"]);
  const codes = await room.call("POST", "/factors/recovery-codes", { token: person.accessToken, body: {} });
  expect(codes.status).toBe(200);
  const administrator = await room.administrator();
  await administrator.query(
    `insert into auth.webauthn_credentials (id, user_id, credential_id, public_key, aaguid, backup_eligible, backed_up, friendly_name, created_at, updated_at)
     values (gen_random_uuid(), $1, $2, 'x', gen_random_uuid(), false, false, '', now(), now())`,
    [person.id, Buffer.from(person.id)],
  );
  await administrator.end();
  const off = await room.twin({ policy: { ...testPolicy, identity: { ...testPolicy.identity, passkeys: false } } });
  const key = await off.issueServiceKey();
  const removed = await room.call(
    "DELETE",
    `/admin/users/${person.id}/factors/${person.factorId}`,
    { token: key },
    await room.listen(off),
  );
  expect(removed.status).toBe(200);
  expect((await room.identity.administration.person(person.id)).factors).toEqual([]);
});
