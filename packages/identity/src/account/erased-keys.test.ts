// Who is gone takes their data keys along, whichever way they went.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { newEmail, TestIdentity } from "../testing/start-identity.ts";

const room = new TestIdentity();
let destroyed: string[] = [];
let isBroken = false;
const destroyKeys = async (userId: string): Promise<void> => {
  if (isBroken) throw Object.assign(new Error("no space left"), { code: "vault/directory-unwritable" });
  destroyed.push(userId);
};

beforeAll(() => room.start({ destroyKeys }));
afterAll(() => room.stop());
beforeEach(() => {
  destroyed = [];
});

const hourSeconds = 3600;
const serviceKey = () => room.identity.issueServiceKey();
const remove = async (id: string, body?: object) =>
  room.call("DELETE", `/admin/users/${id}`, { token: await serviceKey(), ...(body === undefined ? {} : { body }) });

async function asAdministrator(text: string, values: readonly unknown[]): Promise<void> {
  const administrator = await room.administrator();
  await administrator.query(text, [...values]);
  await administrator.end();
}

test("keys are destroyed at once when somebody deletes their account, or an administrator does, for good or softly", async () => {
  const [own, removed, soft] = [await room.person(), await room.person(), await room.person()];
  expect((await room.call("DELETE", "/user", { token: own.accessToken })).status).toBe(204);
  expect((await remove(removed.id)).status).toBe(200);
  expect((await remove(soft.id, { should_soft_delete: true })).status).toBe(200);
  expect(destroyed).toEqual([own.id, removed.id, soft.id]);
});

test("the sweep finds who went in any other way, looks once more an hour later, and then forgets them", async () => {
  const [swept, byHand] = [await room.person(), await room.person()];
  await asAdministrator("update auth.users set is_anonymous = true, created_at = $2 where id = $1", [
    swept.id,
    new Date(0),
  ]);
  await asAdministrator("delete from auth.sessions where user_id = $1", [swept.id]);
  await asAdministrator("delete from auth.users where id = $1", [byHand.id]);
  await room.identity.sweep();
  expect(new Set(destroyed)).toEqual(new Set([...destroyed, swept.id, byHand.id]));
  // Whatever was sealed at the very moment of the deletion is found by the last look.
  room.pass(hourSeconds + 60);
  destroyed = [];
  await room.identity.sweep();
  expect(destroyed).toEqual(expect.arrayContaining([swept.id, byHand.id]));
  destroyed = [];
  await room.identity.sweep();
  expect(destroyed).toEqual([]);
});

test("keys that could not be destroyed are an event, the account is gone all the same, and the sweep tries until it succeeds", async () => {
  const person = await room.person();
  isBroken = true;
  expect((await remove(person.id)).status).toBe(200);
  room.pass(2 * hourSeconds);
  await room.identity.sweep();
  const left = room.eventsNamed("account.keys-left").filter(({ subject }) => subject === person.id);
  expect(left.map(({ reason }) => reason)).toEqual(["vault/directory-unwritable", "vault/directory-unwritable"]);
  isBroken = false;
  await room.identity.sweep();
  expect(destroyed).toEqual([person.id]);
});

test("an account that an administrator makes anew with the same id keeps its keys", async () => {
  const { id } = await room.person();
  await remove(id);
  const email = newEmail();
  await room.call("POST", "/admin/users", { token: await serviceKey(), body: { id, email, email_confirm: true } });
  destroyed = [];
  await room.identity.sweep();
  expect(destroyed).not.toContain(id);
});

test("an identity that destroys nothing leaves the keys, and is seen to", async () => {
  const careless = await room.twin({ destroyKeys, rules: { destroysKeys: () => false } });
  const person = await room.person();
  expect((await room.call("DELETE", "/user", { token: person.accessToken }, await room.listen(careless))).status).toBe(
    204,
  );
  expect(destroyed).toEqual([]);
});
