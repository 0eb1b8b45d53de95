// Signing up and signing in, as auth-js does it.
import { afterAll, beforeAll, expect } from "vitest";
import { contract, contractClient } from "../testing/contract.ts";
import { goodPassword, newEmail, otherPassword, TestIdentity, testPolicy } from "../testing/start-identity.ts";

const room = new TestIdentity();
const policy = { ...testPolicy, identity: { ...testPolicy.identity, anonymous: true } };
beforeAll(() => room.start({ policy }));
afterAll(() => room.stop());

contract("signUp", "answers with a user that is not yet signed in", async () => {
  const email = newEmail();
  const { data, error } = await contractClient(room).signUp({
    email,
    password: goodPassword,
    options: { data: { name: "Ada" }, captchaToken: "ignored while captcha is off" },
  });
  expect(error).toBeNull();
  expect(data.session).toBeNull();
  expect(data.user).toMatchObject({ email, role: "authenticated", aud: "authenticated", is_anonymous: false });
  expect(data.user?.user_metadata).toEqual({ name: "Ada" });
});

contract("signUp", "a weak password is an AuthWeakPasswordError with reasons", async () => {
  const { error } = await contractClient(room).signUp({ email: newEmail(), password: "password" });
  expect(error).toMatchObject({ name: "AuthWeakPasswordError", code: "weak_password", reasons: ["length", "pwned"] });
});

contract("signInWithPassword", "begins a session and says so to listeners", async () => {
  const { id, email } = await room.person();
  const client = contractClient(room);
  const seen: string[] = [];
  client.onAuthStateChange((event) => {
    seen.push(event);
  });
  const { data, error } = await client.signInWithPassword({ email, password: goodPassword });
  expect(error).toBeNull();
  expect(data.session).toMatchObject({ token_type: "bearer", user: { id } });
  expect(data.session?.expires_in).toBe(policy.identity.session.accessTokenSeconds);
  expect(seen).toContain("SIGNED_IN");
});

contract("signInWithPassword", "a wrong password is an AuthApiError", async () => {
  const { email } = await room.person();
  const { error } = await contractClient(room).signInWithPassword({ email, password: otherPassword });
  expect(error).toMatchObject({ name: "AuthApiError", code: "invalid_credentials", status: 400 });
});

contract("signInAnonymously", "begins a session of a person without an address", async () => {
  const { data, error } = await contractClient(room).signInAnonymously({ options: { data: { theme: "dark" } } });
  expect(error).toBeNull();
  expect(data.user).toMatchObject({ is_anonymous: true, user_metadata: { theme: "dark" }, identities: [] });
  expect(data.session?.access_token).toBeDefined();
});

contract("signInWithSSO", "is off, in Supabase Auth's words", async () => {
  const { error } = await contractClient(room).signInWithSSO({ domain: "example.test" });
  expect(error).toMatchObject({ status: 404, code: "saml_provider_disabled", message: "SAML 2.0 is disabled" });
});

const wallet = { message: "example.test wants you to sign in", signature: "0x00" } as const;

contract("signInWithWeb3", "is off for every chain", async () => {
  const ethereum = await contractClient(room).signInWithWeb3({ chain: "ethereum", ...wallet });
  expect(ethereum.error).toMatchObject({ status: 422, code: "web3_provider_disabled" });
  const signature = new Uint8Array(64);
  const solana = await contractClient(room).signInWithWeb3({ chain: "solana", message: wallet.message, signature });
  expect(solana.error).toMatchObject({ status: 422, code: "web3_provider_disabled" });
});
