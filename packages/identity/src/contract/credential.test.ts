// Security keys, passkeys and recovery codes as auth-js drives them, with an authenticator in software where a browser has one.
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import { codeAt } from "../factor/totp.ts";
import { contract, contractAdmin, contractClient } from "../testing/contract.ts";
import { newAuthenticator } from "../testing/passkey-room.ts";
import type { AssertionOptions, CreationOptions, SoftwareAuthenticator } from "../testing/software-authenticator.ts";
import { goodPassword, TestIdentity, testPolicy } from "../testing/start-identity.ts";

const room = new TestIdentity();
let authenticator: SoftwareAuthenticator;
beforeAll(() => room.start());
afterAll(() => room.stop());
beforeEach(() => {
  authenticator = newAuthenticator();
  openBrowser(() => authenticator);
});
afterEach(() => vi.unstubAllGlobals());

/** What a browser answers: it tells its JSON itself. */
class Credential {
  readonly #json: object;
  constructor(json: object) {
    this.#json = json;
  }
  toJSON(): object {
    return this.#json;
  }
}

const text = (value: unknown) => Buffer.from(value as ArrayBuffer).toString("base64url");

/** Auth-js hands a browser bytes where the server sent text; the authenticator takes text. */
function creation(publicKey: object): CreationOptions {
  const { challenge, rp, user } = publicKey as CreationOptions;
  return { challenge: text(challenge), rp, user: { id: text(user.id) } };
}
function assertion(publicKey: object): AssertionOptions {
  const { challenge, allowCredentials = [], ...others } = publicKey as AssertionOptions;
  const allowed = allowCredentials.map(({ id }) => ({ id: text(id) }));
  return { ...others, challenge: text(challenge), allowCredentials: allowed };
}

/** As much of a browser as auth-js looks for. */
function openBrowser(device: () => SoftwareAuthenticator): void {
  const { origin, hostname } = new URL(testPolicy.application.origin);
  vi.stubGlobal("PublicKeyCredential", Credential);
  vi.stubGlobal("document", {});
  vi.stubGlobal("window", { PublicKeyCredential: Credential, location: { origin, hostname, href: `${origin}/` } });
  vi.stubGlobal("navigator", {
    credentials: {
      create: async ({ publicKey }: { publicKey: object }) => new Credential(device().create(creation(publicKey))),
      get: async ({ publicKey }: { publicKey: object }) => new Credential(device().get(assertion(publicKey))),
    },
  });
}

async function signedIn() {
  const person = await room.person();
  const client = contractClient(room, {}, { experimental: { recoveryCodes: true } });
  await client.signInWithPassword({ email: person.email, password: goodPassword });
  const again = () => client.signInWithPassword({ email: person.email, password: goodPassword });
  const level = async () => (await client.mfa.getAuthenticatorAssuranceLevel()).data?.currentLevel;
  return { client, person, again, level };
}

async function withKey() {
  const one = await signedIn();
  const enrolment = await one.client.mfa.webauthn.enroll({ friendlyName: "blue key" });
  expect(enrolment.error).toBeNull();
  return { ...one, factorId: enrolment.data?.id ?? "" };
}

/** What a challenge and the authenticator's answer to it make of the session. */
async function pass({ client, factorId }: Pick<Awaited<ReturnType<typeof withKey>>, "client" | "factorId">) {
  const { data } = await client.mfa.webauthn.challenge({ factorId, webauthn: { rpId: "localhost" } });
  const { challengeId = "", webauthn } = data ?? {};
  return await client.mfa.webauthn.verify({ factorId, challengeId, webauthn: webauthn as never });
}

contract("mfa.webauthn.enroll", "a factor that counts after its first signature", async () => {
  const { client, factorId } = await withKey();
  expect((await client.mfa.listFactors()).data?.webauthn).toEqual([]);
  expect((await pass({ client, factorId })).error).toBeNull();
  expect((await client.mfa.listFactors()).data?.webauthn).toMatchObject([{ id: factorId, friendly_name: "blue key" }]);
});

contract("mfa.webauthn.challenge", "makes a credential at first, and asks for it later", async () => {
  const { client, factorId, again } = await withKey();
  await pass({ client, factorId });
  await again();
  const { data, error } = await client.mfa.webauthn.challenge({ factorId, webauthn: { rpId: "localhost" } });
  expect(error).toBeNull();
  expect(data?.webauthn.type).toBe("request");
});

contract("mfa.webauthn.verify", "lifts the session to aal2", async () => {
  const one = await withKey();
  await pass(one);
  await one.again();
  expect(await one.level()).toBe("aal1");
  expect((await pass(one)).error).toBeNull();
  expect(await one.level()).toBe("aal2");
});

contract("mfa.webauthn.register", "enrols, asks the browser and verifies in one call", async () => {
  const { client, level } = await signedIn();
  expect((await client.mfa.webauthn.register({ friendlyName: "green key" })).error).toBeNull();
  expect(await level()).toBe("aal2");
});

contract("mfa.webauthn.authenticate", "asks the browser and verifies in one call", async () => {
  const { client, level, again } = await signedIn();
  await client.mfa.webauthn.register({ friendlyName: "green key" });
  await again();
  const factorId = (await client.mfa.listFactors()).data?.webauthn[0]?.id ?? "";
  expect((await client.mfa.webauthn.authenticate({ factorId })).error).toBeNull();
  expect(await level()).toBe("aal2");
});

/** Somebody with a passkey, in a session that signed in with it. */
async function withPasskey() {
  const one = await signedIn();
  const added = await one.client.registerPasskey();
  expect(added.error).toBeNull();
  const signIn = await one.client.signInWithPasskey();
  expect(signIn.error).toBeNull();
  return { ...one, passkeyId: added.data?.id ?? "" };
}

contract("registerPasskey", "adds a passkey that has a name", async () => {
  const { client } = await signedIn();
  expect((await client.registerPasskey()).data).toMatchObject({ friendly_name: "Passkey" });
});

contract("signInWithPasskey", "signs in at aal2 and tells of it", async () => {
  const { client, person, level } = await signedIn();
  await client.registerPasskey();
  await client.signOut();
  const events: string[] = [];
  client.onAuthStateChange((event) => events.push(event));
  expect((await client.signInWithPasskey()).data?.session?.user.id).toBe(person.id);
  expect(await level()).toBe("aal2");
  expect(events).toContain("SIGNED_IN");
});

async function registration() {
  const { client } = await signedIn();
  const { data } = await client.passkey.startRegistration();
  const credential = authenticator.create(data?.options as unknown as CreationOptions) as never;
  return {
    client,
    data,
    added: await client.passkey.verifyRegistration({ challengeId: data?.challenge_id ?? "", credential }),
  };
}

contract("passkey.startRegistration", "what a browser needs, for five minutes", async () => {
  const { data } = await registration();
  expect(data).toMatchObject({ challenge_id: expect.any(String), expires_at: room.time / 1000 + 300 });
  expect(data?.options).toMatchObject({ authenticatorSelection: { residentKey: "required" } });
});

contract("passkey.verifyRegistration", "the passkey, by id, name and time", async () => {
  const { added } = await registration();
  expect(added.data).toMatchObject({
    id: expect.any(String),
    friendly_name: "Passkey",
    created_at: expect.any(String),
  });
});

async function authentication() {
  await registration();
  const client = contractClient(room);
  const { data } = await client.passkey.startAuthentication();
  const credential = authenticator.get(data?.options as unknown as AssertionOptions) as never;
  return {
    data,
    done: await client.passkey.verifyAuthentication({ challengeId: data?.challenge_id ?? "", credential }),
  };
}

contract("passkey.startAuthentication", "a challenge that names no account", async () => {
  const { data } = await authentication();
  expect(data?.options).toMatchObject({ rpId: "localhost", userVerification: "required" });
  expect(data?.options.allowCredentials ?? []).toEqual([]);
});

contract("passkey.verifyAuthentication", "a session", async () => {
  expect((await authentication()).done.data?.session?.access_token).toEqual(expect.any(String));
});

contract("passkey.list", "the person's own, with their last use", async () => {
  const { client, passkeyId } = await withPasskey();
  expect((await client.passkey.list()).data).toMatchObject([{ id: passkeyId, last_used_at: expect.any(String) }]);
});

contract("passkey.update", "gives it another name", async () => {
  const { client, passkeyId } = await withPasskey();
  const { data } = await client.passkey.update({ passkeyId, friendlyName: "phone" });
  expect(data).toMatchObject({ id: passkeyId, friendly_name: "phone" });
});

contract("passkey.delete", "it signs in no more", async () => {
  const { client, passkeyId } = await withPasskey();
  expect((await client.passkey.delete({ passkeyId })).error).toBeNull();
  expect((await client.signInWithPasskey()).error).toMatchObject({ code: "webauthn_credential_not_found" });
});

contract("admin.passkey.listPasskeys", "those of an account", async () => {
  const { person, passkeyId } = await withPasskey();
  const { passkey } = await contractAdmin(room);
  expect((await passkey.listPasskeys({ userId: person.id })).data).toMatchObject([{ id: passkeyId }]);
});

contract("admin.passkey.deletePasskey", "it is gone, and the account's sessions with it", async () => {
  const { person, passkeyId, client } = await withPasskey();
  const { passkey } = await contractAdmin(room);
  expect((await passkey.deletePasskey({ userId: person.id, passkeyId })).error).toBeNull();
  expect((await client.getUser()).error).not.toBeNull();
});

/** Somebody with an authenticator application, at aal2. */
async function guarded() {
  const one = await signedIn();
  const enrolment = await one.client.mfa.enroll({ factorType: "totp" });
  if (enrolment.data === null) throw enrolment.error;
  const { id: factorId, totp } = enrolment.data;
  await one.client.mfa.challengeAndVerify({ factorId, code: codeAt(totp.secret, room.time) });
  return one;
}

contract("mfa.recoveryCodes.generate", "ten codes, once, beside another factor", async () => {
  const bare = await signedIn();
  expect((await bare.client.mfa.recoveryCodes.generate()).error?.code).toBe("mfa_recovery_codes_sole_factor");
  const { client } = await guarded();
  const { data } = await client.mfa.recoveryCodes.generate({ friendlyName: "Backup codes" });
  expect(data).toMatchObject({ type: "recovery_code", friendly_name: "Backup codes", total: 10 });
  expect(data?.codes).toHaveLength(10);
  expect((await client.mfa.recoveryCodes.generate()).error?.code).toBe("mfa_verified_factor_exists");
});

contract("mfa.recoveryCodes.getStatus", "how many are left", async () => {
  const { client } = await guarded();
  expect((await client.mfa.recoveryCodes.getStatus()).error?.code).toBe("mfa_factor_not_found");
  await client.mfa.recoveryCodes.generate();
  expect((await client.mfa.recoveryCodes.getStatus()).data).toMatchObject({ total: 10, remaining: 10 });
});

contract("mfa.recoveryCodes.verify", "lifts the session to aal2, each code once", async () => {
  const { client, again, level } = await guarded();
  const code = (await client.mfa.recoveryCodes.generate()).data?.codes[0] ?? "";
  await again();
  expect((await client.mfa.recoveryCodes.verify({ code: "aaaa-aaaa-aaaa-aaaa" })).error?.code).toBe(
    "mfa_verification_failed",
  );
  expect((await client.mfa.recoveryCodes.verify({ code })).error).toBeNull();
  expect(await level()).toBe("aal2");
  expect((await client.mfa.listFactors()).data?.recovery_code).toHaveLength(1);
  await again();
  expect((await client.mfa.recoveryCodes.verify({ code })).error?.code).toBe("mfa_verification_failed");
});

contract("mfa.recoveryCodes.regenerate", "new codes under the same id, at aal2 only", async () => {
  const { client, again } = await guarded();
  const made = (await client.mfa.recoveryCodes.generate()).data;
  const remade = (await client.mfa.recoveryCodes.regenerate()).data;
  expect(remade).toMatchObject({ id: made?.id, total: 10 });
  expect(remade?.codes).not.toEqual(made?.codes);
  await again();
  expect((await client.mfa.recoveryCodes.regenerate()).error?.code).toBe("insufficient_aal");
});

contract("mfa.recoveryCodes.unenroll", "no code is left", async () => {
  const { client } = await guarded();
  const made = (await client.mfa.recoveryCodes.generate()).data;
  expect((await client.mfa.recoveryCodes.unenroll()).data).toEqual({ id: made?.id });
  expect((await client.mfa.recoveryCodes.getStatus()).error?.code).toBe("mfa_factor_not_found");
});
