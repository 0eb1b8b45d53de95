// Sign-in by a real OpenID provider, and the attacks on it, each with a twin that has the hole.
import { createHash, randomBytes } from "node:crypto";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { IdentityRules } from "../rules.ts";
import { landing, ProviderRoom, providerPolicy } from "../testing/provider-room.ts";
import { goodPassword, newEmail } from "../testing/start-identity.ts";

const room = new ProviderRoom();
beforeAll(() => room.begin());
afterAll(() => room.end());
beforeEach(() => {
  room.events.length = 0;
  room.provider.refuses = false;
});

let people = 0;
function somebody(more: Record<string, unknown> = {}) {
  people += 1;
  const person = { sub: `sub-${people}`, email: newEmail(), email_verified: true, name: "Ada", ...more };
  room.provider.person = person;
  return person;
}

const twinUrl = async (rules: Partial<IdentityRules>) => room.listen(await room.twin({ ...room.options(), rules }));
const reasons = () => room.eventsNamed("provider.refused").map(({ reason }) => reason);
const userOf = async ({ fragment }: { readonly fragment: Readonly<Record<string, string>> }) =>
  (await room.call("GET", "/user", { token: fragment.access_token ?? "" })).body;

test("somebody new gets an account with the address that Google vouches for, and the same account the next time", async () => {
  const person = somebody();
  const first = await room.signInAt();
  expect(first).toMatchObject({ status: 302, page: landing, fragment: { token_type: "bearer" } });
  expect(first.fragment.provider_token).toBeTruthy();
  const user = await userOf(first);
  expect(user).toMatchObject({
    email: person.email,
    app_metadata: { provider: "google", providers: ["google"], roles: ["reader"] },
    user_metadata: { name: "Ada" },
    identities: [{ provider: "google", id: person.sub }],
  });
  expect(user.email_confirmed_at).toBeDefined();
  expect(decodeJwt(first.fragment.access_token ?? "").amr).toMatchObject([{ method: "oauth" }]);
  expect((await userOf(await room.signInAt())).id).toBe(user.id);
});

test("the provider gets PKCE with S256, a state, a nonce and our redirect URI; the browser a cookie that no script reads", async () => {
  somebody();
  const { sent } = await room.away({ scopes: "calendar" });
  const query = Object.fromEntries(sent.searchParams);
  expect(query).toMatchObject({
    code_challenge_method: "S256",
    redirect_uri: "https://localhost:8443/auth/v1/callback",
  });
  expect(query.scope).toContain("calendar");
  for (const name of ["state", "nonce", "code_challenge"]) expect(query[name]).toMatch(/^[\w-]{43}$/);
  const response = await fetch(`${room.url}/authorize?provider=google`, { redirect: "manual" });
  expect(response.headers.get("set-cookie")).toMatch(
    /^__Host-sign-in=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax; Max-Age=600$/,
  );
});

test("with a challenge the application gets a code, which only the verifier redeems, once", async () => {
  somebody();
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const flow = { code_challenge: challenge, code_challenge_method: "s256" };
  const redeem = (auth_code = "", code_verifier = verifier) =>
    room.call("POST", "/token?grant_type=pkce", { body: { auth_code, code_verifier } });
  const { query, fragment } = await room.signInAt(flow);
  expect(fragment).toEqual({});
  const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(query.code)));
  const won = answers.filter(({ status }) => status === 200);
  expect(won).toHaveLength(1);
  expect(won[0]?.body.provider_token).toBeTruthy();
  expect((await redeem(query.code)).body.code).toBe("flow_state_not_found");
  const second = await room.signInAt(flow);
  expect((await redeem(second.query.code, "w".repeat(43))).body.code).toBe("bad_code_verifier");
  expect((await redeem(second.query.code)).body.code).toBe("flow_state_not_found");
  for (const wrong of [
    { code_challenge: challenge, code_challenge_method: "plain" },
    { code_challenge: "short", code_challenge_method: "s256" },
  ]) {
    const search = new URLSearchParams({ provider: "google", ...wrong });
    expect((await room.call("GET", `/authorize?${search}`)).body.code).toBe("validation_failed");
  }
});

test("OAU-02: an answer without a state, with a spent one, or in another browser signs nobody in", async () => {
  somebody();
  const away = await room.away();
  const without = new URL(away.back);
  without.searchParams.delete("state");
  const victim = (await room.away()).cookie;
  expect((await room.callback({ ...away, back: without })).query.error_code).toBe("bad_oauth_state");
  expect((await room.callback({ ...away, cookie: "" })).query.error_code).toBe("bad_oauth_state");
  expect((await room.callback({ ...away, cookie: victim })).query.error_code).toBe("bad_oauth_state");
  expect((await room.callback({ ...away, cookie: `${away.cookie}; ${away.cookie}` })).query.error_code).toBe(
    "bad_oauth_state",
  );
  expect((await room.callback(away)).fragment.access_token, "another's attempt did not spend it").toBeTruthy();
  expect((await room.callback(away)).query.error_code, "once").toBe("bad_oauth_state");
  expect(reasons()).toEqual(expect.arrayContaining(["state-missing", "browser-unknown", "state-unknown"]));
  const url = await twinUrl({ stateSubject: () => "anybody" });
  const planted = await room.away({}, url);
  expect(
    (await room.callback({ ...planted, cookie: victim }, url)).fragment.access_token,
    "the twin is caught",
  ).toBeTruthy();
});

test("an answer for another provider's attempt, another nonce or another issuer is refused", async () => {
  somebody();
  const first = await room.away();
  const second = await room.away({ provider: "custom:work" }, room.url, first.cookie);
  const mixed = new URL(first.back);
  mixed.searchParams.set("code", second.back.searchParams.get("code") ?? "");
  expect((await room.callback({ back: mixed, cookie: first.cookie })).query.error_code).toBe("bad_oauth_callback");
  const third = await room.away();
  const foreign = new URL(third.back);
  foreign.searchParams.set("iss", "https://evil.example");
  expect((await room.callback({ ...third, back: foreign })).query.error_code).toBe("bad_oauth_callback");
  expect(reasons()).toEqual(["answer-refused", "answer-refused"]);
});

test("OAU-06: an address that is not verified opens no account, and takes none from its owner", async () => {
  const victim = await room.identity.createAccount({ email: newEmail(), password: goodPassword, roles: ["reader"] });
  const administrator = await room.administrator();
  const { rows } = await administrator.query<{ email: string }>(
    "update auth.users set email_confirmed_at = now() where id = $1 returning email",
    [victim.id],
  );
  await administrator.end();
  const email = rows[0]?.email ?? "";
  for (const [provider, more] of [
    ["google", { email_verified: false }],
    ["google", { email_verified: "true" }],
    ["azure", { email_verified: true }],
    ["custom:work", { email_verified: true }],
  ] as const) {
    somebody({ email, ...more });
    const user = await userOf(await room.signInAt({ provider }));
    expect(user.id, provider).not.toBe(victim.id);
    expect(user.email).toBe("");
  }
  somebody({ email, email_verified: false });
  const url = await twinUrl({ linking: ({ existing }) => (existing === null ? "create" : "link") });
  expect((await userOf(await room.signInAt({}, url))).id, "the twin is caught").toBe(victim.id);
});

test("a provider whose word the policy trusts makes and finds accounts by a verified address, and by no other", async () => {
  const url = await room.listen(await room.twin(room.options({ trustEmail: true })));
  const email = newEmail();
  somebody({ email, email_verified: false });
  expect((await userOf(await room.signInAt({ provider: "custom:work" }, url))).email).toBe("");
  somebody({ email, email_verified: true });
  const made = await userOf(await room.signInAt({ provider: "custom:work" }, url));
  expect(made.email).toBe(email);
  somebody({ email, email_verified: true });
  expect((await userOf(await room.signInAt({ provider: "google" }, url))).id).toBe(made.id);
});

/** An account whose address nobody has proven to be theirs, used or not. */
async function unconfirmed(email: string, isUsed = false): Promise<string> {
  const { id } = await room.identity.createAccount({ email, password: goodPassword, roles: ["reader"] });
  const administrator = await room.administrator();
  const moment = isUsed ? "now()" : "null";
  await administrator.query(
    `update auth.users set email_confirmed_at = null, last_sign_in_at = ${moment} where id = $1`,
    [id],
  );
  await administrator.end();
  return id;
}

test("a verified address joins the account that confirmed it, and no sign-up that nobody confirmed", async () => {
  const email = newEmail();
  const id = await unconfirmed(email);
  const planted = somebody({ email });
  const mine = await userOf(await room.signInAt());
  expect(mine.id, "nobody had confirmed or used it").not.toBe(id);
  expect(mine).toMatchObject({ email, identities: [{ provider: "google", id: planted.sub }] });
  expect((await room.signIn(email)).body.code, "the planted password opens nothing").toBe("invalid_credentials");
  room.pass(1);
  somebody({ email, xms_edov: true });
  const joined = await userOf(await room.signInAt({ provider: "azure" }));
  expect(joined.id).toBe(mine.id);
  expect(joined.app_metadata.providers).toEqual(["google", "azure"]);
  expect(room.eventsNamed("identity.linked")).toMatchObject([{ reason: "verified-address" }]);

  const used = newEmail();
  await unconfirmed(used, true);
  somebody({ email: used });
  expect((await room.signInAt()).query.error_code).toBe("email_exists");
});

test("whoever refuses at the provider, or may not sign up, lands in the application with a word for it", async () => {
  somebody();
  room.provider.refuses = true;
  expect((await room.signInAt()).query).toMatchObject({ error: "access_denied", error_code: "provider_access_denied" });
  room.provider.refuses = false;
  const url = await room.listen(await room.twin(room.options({ signUp: "closed" })));
  somebody();
  expect((await room.signInAt({}, url)).query.error_code).toBe("signup_disabled");
});

test("a redirect that the policy does not name is refused before anybody leaves", async () => {
  for (const redirect_to of [
    "https://evil.example/",
    "https://localhost:8443@evil.example/",
    "https://localhost:8443.evil.example/",
    "//evil.example",
    "javascript:alert(1)",
    "https://elsewhere.example.test/app/more",
    "https://localhost:8444/",
  ]) {
    const search = new URLSearchParams({ provider: "google", redirect_to });
    expect((await room.call("GET", `/authorize?${search}`)).body.code, redirect_to).toBe("validation_failed");
  }
  somebody();
  expect((await room.signInAt({ redirect_to: "https://elsewhere.example.test/app" })).page).toBe(
    "https://elsewhere.example.test/app",
  );
  expect((await room.call("GET", "/authorize?provider=nobody")).body.code).toBe("oauth_provider_not_supported");
});

test("a name that another issuer gets in the policy signs nobody in to the people of the one before", async () => {
  const person = somebody();
  await room.signInAt();
  const administrator = await room.administrator();
  const moved = { iss: "https://before.example" };
  await administrator.query("update auth.identities set identity_data = identity_data || $2 where provider_id = $1", [
    person.sub,
    moved,
  ]);
  await administrator.end();
  expect((await room.signInAt()).query.error_code).toBe("identity_already_exists");
  expect(reasons()).toEqual(["issuer-changed"]);
});

test("Apple's form is sent on as a GET of our own, since only that brings the cookie; nothing else takes forms", async () => {
  const form = (path: string) =>
    fetch(`${room.url}${path}`, {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams({ state: "s", code: "c", x: "y" }),
    });
  const response = await form("/callback");
  expect(response.status).toBe(303);
  expect(response.headers.get("location")).toBe("https://localhost:8443/auth/v1/callback?state=s&code=c");
  expect((await form("/token?grant_type=password")).headers.get("x-sb-error-code")).toBe("bad_json");
});

test("a provider without its secret stops the start, and says which and where", async () => {
  const options = { policy: providerPolicy({ issuer: room.provider.issuer }), providerSecret: async () => undefined };
  await expect(room.twin(options)).rejects.toThrow(
    /google \(HOLDFAST_PROVIDER_GOOGLE_SECRET\).*HOLDFAST_PROVIDER_CUSTOM_WORK_SECRET/,
  );
});

test("a provider that does not answer, or whose discovery names another issuer, signs nobody in", async () => {
  for (const issuer of ["http://127.0.0.1:9", `${room.provider.issuer}/other`]) {
    const options = { policy: providerPolicy({ issuer }), providerSecret: async () => "x" };
    const url = await room.listen(await room.twin(options));
    const answer = await room.call("GET", "/authorize?provider=google", {}, url);
    expect([answer.status, answer.body.code]).toEqual([400, "bad_oauth_callback"]);
  }
});
