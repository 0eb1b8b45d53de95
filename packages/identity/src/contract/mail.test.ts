// Codes and links by mail, as auth-js asks for them and redeems them.
import { afterAll, beforeAll, expect } from "vitest";
import { contract, contractClient } from "../testing/contract.ts";
import { confirmingPolicy, goodPassword, newEmail, TestIdentity } from "../testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start({ policy: confirmingPolicy }));
afterAll(() => room.stop());

const mailed = (email: string) => {
  const mail = room.mailTo(email);
  return { link: mail?.link ?? "", code: mail?.code ?? "" };
};
const hashOf = (link: string): string => new URL(link).searchParams.get("token") ?? "";

contract("signInWithOtp", "mails a code that verifyOtp takes", async () => {
  const { email } = await room.person();
  const { error, data } = await contractClient(room).signInWithOtp({
    email,
    options: { shouldCreateUser: false, emailRedirectTo: "https://app.example/welcome" },
  });
  expect(error).toBeNull();
  expect(data).toEqual({ user: null, session: null });
  expect((await room.follow(mailed(email).link)).href).toContain("https://app.example/welcome#access_token=");
});

contract("verifyOtp", "signs in by the code and says so to listeners", async () => {
  const { email, id } = await room.person();
  const client = contractClient(room);
  const seen: string[] = [];
  client.onAuthStateChange((event) => {
    seen.push(event);
  });
  await client.signInWithOtp({ email });
  const { data, error } = await client.verifyOtp({ email, token: mailed(email).code, type: "email" });
  expect(error).toBeNull();
  expect(data.session?.user.id).toBe(id);
  expect(seen).toContain("SIGNED_IN");
  expect((await client.getUser()).data.user?.id).toBe(id);
});

contract("verifyOtp", "takes the hash of a link, and tells of a recovery", async () => {
  const { email } = await room.person();
  const client = contractClient(room);
  const seen: string[] = [];
  client.onAuthStateChange((event) => {
    seen.push(event);
  });
  await client.resetPasswordForEmail(email);
  const { data, error } = await client.verifyOtp({ token_hash: hashOf(mailed(email).link), type: "recovery" });
  expect(error).toBeNull();
  expect(data.session).not.toBeNull();
  expect(seen).toContain("PASSWORD_RECOVERY");
});

contract("verifyOtp", "a wrong code is an AuthApiError with the code otp_expired", async () => {
  const { error } = await contractClient(room).verifyOtp({ email: newEmail(), token: "000000", type: "email" });
  expect(error).toMatchObject({ name: "AuthApiError", code: "otp_expired", status: 403 });
});

contract("resetPasswordForEmail", "mails a link whose session changes the password", async () => {
  const { email } = await room.person();
  const client = contractClient(room);
  const { data, error } = await client.resetPasswordForEmail(email, { redirectTo: "https://app.example/welcome" });
  expect([data, error]).toEqual([{}, null]);
  expect(room.mailTo(email)?.kind).toBe("recover");
  await client.verifyOtp({ email, token: mailed(email).code, type: "recovery" });
  expect((await client.updateUser({ password: "quartz-violin-meadow-92" })).error).toBeNull();
});

contract("resend", "mails the confirmation of a sign-up once more", async () => {
  const email = newEmail();
  const client = contractClient(room);
  await client.signUp({ email, password: goodPassword });
  const { error, data } = await client.resend({ type: "signup", email });
  expect(error).toBeNull();
  expect(data).toEqual({ user: null, session: null });
  const verified = await client.verifyOtp({ email, token: mailed(email).code, type: "signup" });
  expect(verified.data.user?.email).toBe(email);
});

contract("signUp", "of an address that waits signs in to nothing before it is confirmed", async () => {
  const email = newEmail();
  const client = contractClient(room);
  await client.signUp({ email, password: goodPassword });
  const { error } = await client.signInWithPassword({ email, password: goodPassword });
  expect(error).toMatchObject({ code: "email_not_confirmed", status: 400 });
});

contract(
  "exchangeCodeForSession",
  "takes the code that a link bears when the client began with a challenge",
  async () => {
    const { email, id } = await room.person();
    const client = contractClient(room, {}, { flowType: "pkce" });
    await client.signInWithOtp({ email, options: { emailRedirectTo: "https://app.example/welcome" } });
    const at = await room.follow(mailed(email).link);
    expect(`${at.origin}${at.pathname}`).toBe("https://app.example/welcome");
    const { data, error } = await client.exchangeCodeForSession(at.searchParams.get("code") ?? "");
    expect(error).toBeNull();
    expect(data.session?.user.id).toBe(id);
  },
);

contract("exchangeCodeForSession", "a code of another client's flow is refused", async () => {
  const { email } = await room.person();
  const owner = room.client({}, { flowType: "pkce" });
  await owner.signInWithOtp({ email });
  const at = await room.follow(mailed(email).link);
  const thief = contractClient(room, {}, { flowType: "pkce" });
  await thief.signInWithOtp({ email: newEmail() });
  const { error } = await thief.exchangeCodeForSession(at.searchParams.get("code") ?? "");
  expect(error?.code).toBe("bad_code_verifier");
});
