// Sign-in by provider as auth-js drives it, with a real provider at the other end.
import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { contract, contractClient } from "../testing/contract.ts";
import { callback, landing, ProviderRoom } from "../testing/provider-room.ts";
import { appTokens, walk } from "../testing/real-provider.ts";
import { goodPassword, newEmail } from "../testing/start-identity.ts";

const room = new ProviderRoom();
beforeAll(() => room.begin());
afterAll(() => room.end());
beforeEach(() => {
  room.provider.person = { sub: randomUUID(), email: newEmail(), email_verified: true };
});

/** Opens an address of ours as a browser does, goes to the provider, and comes back. */
async function open(address: string) {
  const response = await fetch(address, { redirect: "manual" });
  const cookie = (response.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
  const back = await walk(response.headers.get("location") ?? "", callback);
  return await room.callback({ back, cookie });
}

/** A client whose answers' cookies are kept, as a browser does. */
function browserClient() {
  let cookie = "";
  const kept: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    cookie = (response.headers.getSetCookie()[0] ?? cookie).split(";")[0] ?? "";
    return response;
  };
  return { client: contractClient(room, {}, { fetch: kept }), cookie: () => cookie };
}

contract("signInWithOAuth", "names the address that leads to the provider", async () => {
  const client = contractClient(room);
  const { data, error } = await client.signInWithOAuth({
    provider: "google",
    options: { redirectTo: landing, skipBrowserRedirect: true },
  });
  expect(error).toBeNull();
  const landed = await open(data.url ?? "");
  expect(landed.page).toBe(landing);
  expect(landed.fragment).toMatchObject({
    token_type: "bearer",
    access_token: expect.any(String),
    refresh_token: expect.any(String),
  });
});

contract("exchangeCodeForSession", "has the verifier of its own flow", async () => {
  const client = contractClient(room, {}, { flowType: "pkce" });
  const { data } = await client.signInWithOAuth({
    provider: "google",
    options: { redirectTo: landing, skipBrowserRedirect: true },
  });
  const { query } = await open(data.url ?? "");
  const answer = await client.exchangeCodeForSession(query.code ?? "");
  expect(answer.error).toBeNull();
  expect(answer.data.user?.email).toBe(room.provider.person.email);
  expect(answer.data.session?.provider_token).toBeTruthy();
  expect((await client.getUser()).error).toBeNull();
});

contract("signInWithIdToken", "takes the provider's ID token with its nonce", async () => {
  const nonce = "one";
  const hashed = createHash("sha256").update(nonce).digest("hex");
  const { id_token: token } = await appTokens(room.provider, callback, { nonce: hashed });
  const client = contractClient(room);
  const { data, error } = await client.signInWithIdToken({ provider: "google", token, nonce });
  expect(error).toBeNull();
  expect(data.user?.email).toBe(room.provider.person.email);
  const again = await client.signInWithIdToken({ provider: "google", token, nonce });
  expect(again.error).toMatchObject({ status: 400, code: "bad_id_token" });
});

contract("linkIdentity", "adds an identity, by the provider's page or by its ID token", async () => {
  const person = await room.person();
  const { client, cookie } = browserClient();
  await client.signInWithPassword({ email: person.email, password: goodPassword });
  room.pass(1);
  const { data, error } = await client.linkIdentity({ provider: "google", options: { redirectTo: landing } });
  expect(error).toBeNull();
  const back = await walk(data?.url ?? "", callback);
  expect((await room.callback({ back, cookie: cookie() })).fragment.access_token).toBeTruthy();
  const { data: after } = await client.getUser();
  expect(after.user?.identities?.map(({ provider }) => provider)).toEqual(["email", "google"]);

  room.provider.person = { sub: randomUUID(), email: newEmail(), email_verified: true };
  const { id_token: token } = await appTokens(room.provider, callback);
  const linked = await client.linkIdentity({ provider: "azure", token });
  expect(linked.error).toBeNull();
});

contract("unlinkIdentity", "removes one, and never the last", async () => {
  const person = await room.person();
  const client = contractClient(room);
  await client.signInWithPassword({ email: person.email, password: goodPassword });
  const { data } = await client.getUserIdentities();
  const [own] = data?.identities ?? [];
  if (own === undefined) throw new Error("no identity");
  expect((await client.unlinkIdentity(own)).error?.code).toBe("single_identity_not_deletable");
  const { id_token: token } = await appTokens(room.provider, callback);
  await client.linkIdentity({ provider: "google", token });
  const { data: both } = await client.getUserIdentities();
  const added = both?.identities.find(({ provider }) => provider === "google");
  if (added === undefined) throw new Error("nothing was linked");
  expect((await client.unlinkIdentity(added)).error).toBeNull();
  expect((await client.getUserIdentities()).data?.identities).toHaveLength(1);
});

contract("signInWithOAuth", "of a provider that the policy does not name leads nowhere", async () => {
  const { data } = await contractClient(room).signInWithOAuth({
    provider: "github",
    options: { skipBrowserRedirect: true },
  });
  const response = await fetch(data.url ?? "", { redirect: "manual" });
  expect([response.status, response.headers.get("x-sb-error-code")]).toEqual([400, "oauth_provider_not_supported"]);
});
