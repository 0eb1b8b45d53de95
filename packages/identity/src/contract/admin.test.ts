// What a server may do with the service key.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect } from "vitest";
import { contract, contractAdmin, contractClient } from "../testing/contract.ts";
import { goodPassword, newEmail, TestIdentity } from "../testing/start-identity.ts";

const room = new TestIdentity();
let admin: Awaited<ReturnType<typeof contractAdmin>>;
beforeAll(async () => {
  await room.start();
  admin = await contractAdmin(room);
});
afterAll(() => room.stop());

contract("admin.createUser", "makes an account whose address is vouched for", async () => {
  const email = newEmail();
  const id = randomUUID();
  const { data, error } = await admin.createUser({
    id,
    email,
    password: goodPassword,
    email_confirm: true,
    user_metadata: { a: 1 },
    app_metadata: { roles: ["editor"] },
  });
  expect(error).toBeNull();
  expect(data.user).toMatchObject({ id, email, user_metadata: { a: 1 }, app_metadata: { roles: ["editor"] } });
  expect(data.user?.email_confirmed_at).toBeDefined();
  expect((await admin.createUser({ email, password: goodPassword })).error?.code).toBe("email_exists");
});

contract("admin.createUser", "without the service key nobody is made", async () => {
  const { accessToken } = await room.person();
  const other = contractClient(room, { Authorization: `Bearer ${accessToken}` }).admin;
  expect((await other.createUser({ email: newEmail() })).error).toMatchObject({ status: 403, code: "not_admin" });
});

contract("admin.inviteUserByEmail", "makes an account and mails a link to it", async () => {
  const email = newEmail();
  const redirectTo = "https://localhost:8443/";
  const { data, error } = await admin.inviteUserByEmail(email, { data: { team: "blue" }, redirectTo });
  expect(error).toBeNull();
  expect(data.user).toMatchObject({ email, user_metadata: { team: "blue" }, invited_at: expect.any(String) });
  const link = room.mailTo(email, "invite")?.link ?? "";
  const token_hash = new URL(link).searchParams.get("token") ?? "";
  const taken = await contractClient(room).verifyOtp({ type: "invite", token_hash });
  expect(taken.error).toBeNull();
  expect(taken.data.session?.user.id).toBe(data.user?.id);
});

contract("admin.generateLink", "makes a link of every type without mailing it", async () => {
  const person = await room.person();
  const types = [
    { type: "signup", email: newEmail(), password: goodPassword },
    { type: "invite", email: newEmail() },
    { type: "magiclink", email: person.email },
    { type: "recovery", email: person.email },
    { type: "email_change_current", email: person.email, newEmail: newEmail() },
    { type: "email_change_new", email: person.email, newEmail: newEmail() },
  ] as const;
  for (const wanted of types) {
    const { data, error } = await admin.generateLink(wanted);
    expect(error, wanted.type).toBeNull();
    expect(data.properties).toMatchObject({
      verification_type: wanted.type,
      email_otp: expect.stringMatching(/^\d{6}$/),
    });
    expect(data.properties?.action_link).toContain("/auth/v1/verify?token=");
    expect(data.user?.email).toBe(wanted.email);
    expect(room.mailTo(wanted.email)).toBeUndefined();
  }
  const { data } = await admin.generateLink({ type: "recovery", email: person.email });
  const token_hash = data.properties?.hashed_token ?? "";
  const verified = await contractClient(room).verifyOtp({ type: "recovery", token_hash });
  expect(verified.data.user?.id).toBe(person.id);
});

contract("admin.listUsers", "tells them page by page, newest first", async () => {
  room.pass(1);
  const { id } = await room.person();
  const { data, error } = await admin.listUsers({ page: 1, perPage: 2 });
  expect(error).toBeNull();
  expect(data.users.map((user) => user.id)).toContain(id);
  expect(data).toMatchObject({ aud: "authenticated", total: expect.any(Number), lastPage: expect.any(Number) });
});

contract("admin.getUserById", "tells one account, and says when there is none", async () => {
  const { id, email } = await room.person();
  expect((await admin.getUserById(id)).data.user?.email).toBe(email);
  expect((await admin.getUserById(randomUUID())).error).toMatchObject({ status: 404, code: "user_not_found" });
  await expect(admin.getUserById("../users")).rejects.toThrow(/UUID/);
});

contract("admin.updateUserById", "sets roles and bans, and lifts a ban", async () => {
  const { id } = await room.person();
  const { data, error } = await admin.updateUserById(id, { app_metadata: { roles: ["editor"] }, ban_duration: "1h" });
  expect(error).toBeNull();
  expect(data.user).toMatchObject({ app_metadata: { roles: ["editor"] }, banned_until: expect.any(String) });
  expect((await admin.updateUserById(id, { ban_duration: "none" })).data.user?.banned_until).toBeUndefined();
});

contract("admin.deleteUser", "removes an account, or keeps an empty row of it", async () => {
  const { id } = await room.person();
  expect((await admin.deleteUser(id)).error).toBeNull();
  expect((await admin.getUserById(id)).error?.code).toBe("user_not_found");
  const { id: other, email } = await room.person();
  expect((await admin.deleteUser(other, true)).error).toBeNull();
  expect((await admin.createUser({ email, password: goodPassword })).error).toBeNull();
});

contract("admin.signOut", "ends somebody's session by its token", async () => {
  const { accessToken } = await room.person();
  expect((await admin.signOut(accessToken, "local")).error).toBeNull();
  expect((await room.call("GET", "/user", { token: accessToken })).body.code).toBe("session_not_found");
});

contract("admin.mfa.listFactors", "tells somebody's factors", async () => {
  const { id, factorId } = await room.guardedPerson();
  const { data, error } = await admin.mfa.listFactors({ userId: id });
  expect(error).toBeNull();
  expect(data?.factors).toMatchObject([{ id: factorId, status: "verified" }]);
});

contract("admin.mfa.deleteFactor", "removes one, and ends the sessions that relied on it", async () => {
  const { id, factorId, accessToken } = await room.guardedPerson();
  expect((await admin.mfa.deleteFactor({ userId: id, id: factorId })).error).toBeNull();
  expect((await room.call("GET", "/user", { token: accessToken })).body.code).toBe("session_not_found");
});

const off = { status: 404, code: "feature_disabled", message: "Custom OAuth providers are disabled" } as const;
const custom = { identifier: "custom:acme", name: "Acme", client_id: "id", client_secret: "word" } as const;

contract("admin.customProviders.listProviders", "is off: providers are the policy's", async () => {
  expect((await admin.customProviders.listProviders()).error).toMatchObject(off);
});

contract("admin.customProviders.createProvider", "is off", async () => {
  const issuer = "https://acme.example";
  const { error } = await admin.customProviders.createProvider({ ...custom, provider_type: "oidc", issuer });
  expect(error).toMatchObject(off);
});

contract("admin.customProviders.getProvider", "is off", async () => {
  expect((await admin.customProviders.getProvider(custom.identifier)).error).toMatchObject(off);
});

contract("admin.customProviders.updateProvider", "is off", async () => {
  const { error } = await admin.customProviders.updateProvider(custom.identifier, { name: "Other" });
  expect(error).toMatchObject(off);
});

contract("admin.customProviders.deleteProvider", "is off", async () => {
  expect((await admin.customProviders.deleteProvider(custom.identifier)).error).toMatchObject(off);
});
