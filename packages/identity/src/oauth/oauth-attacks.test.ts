// The attacks of RFC 9700 on the OAuth 2.1 server, each with a twin that has the hole.
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { identityRules } from "../rules.ts";
import {
  authorize,
  authorizeQuery,
  basic,
  consent,
  redeem,
  redirectUri,
  register,
  room,
  signedIn,
  startServer,
  twinUrl,
} from "../testing/oauth-server.ts";
import { otherPassword } from "../testing/start-identity.ts";

beforeAll(startServer);
afterAll(() => room.stop());
beforeEach(() => {
  room.events.length = 0;
});

test("OAU-01: a redirect URI that is not registered letter for letter is never redirected to", async () => {
  const client = await register();
  const foreign = [
    "https://client.example.test/back/",
    "https://client.example.test/back/more",
    "https://client.example.test/back?x=1",
    "https://client.example.test/back#x",
    "https://client.example.test:444/back",
    "https://client.example.test/%62ack",
    "https://client.example.test@evil.example/back",
    "https://evil.example/back",
    "http://client.example.test/back",
    "HTTPS://client.example.test/back",
    "",
  ];
  for (const redirect_uri of foreign) {
    const response = await authorize(await authorizeQuery(client, { redirect_uri }));
    expect(response.status, redirect_uri).toBe(400);
    expect(response.headers.get("location")).toBeNull();
  }
  const refusals = room.eventsNamed("grant.refused");
  expect(refusals).toHaveLength(foreign.length);
  expect(new Set(refusals.map(({ reason }) => reason))).toEqual(new Set(["redirect-unknown"]));
  const url = await twinUrl({ isRegisteredRedirect: (all, given) => all.some((one) => given.startsWith(one)) });
  expect((await authorize(await authorizeQuery(client, { redirect_uri: `${redirectUri}/more` }), url)).status).toBe(
    302,
  );
});

test("OAU-03: of 50 parallel redemptions one succeeds, and what it gave ends with the second use", async () => {
  const client = await register();
  const person = await signedIn();
  const code = (await consent(person, client)).searchParams.get("code") ?? "";
  const answers = await Promise.all(Array.from({ length: 50 }, () => redeem({ code }, basic(client))));
  expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
  for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
    expect(status).toBe(400);
    expect(body.error).toBe("invalid_grant");
  }
  expect(room.eventsNamed("grant.replayed").length).toBeGreaterThan(0);

  const next = (await consent(person, client)).searchParams.get("code") ?? "";
  const first = await redeem({ code: next }, basic(client));
  expect(first.status).toBe(200);
  expect((await redeem({ code: next }, basic(client))).body.error).toBe("invalid_grant");
  const refresh = await redeem(
    { grant_type: "refresh_token", refresh_token: first.body.refresh_token ?? "" },
    basic(client),
  );
  expect(refresh.body.error, "what the code gave ended").toBe("invalid_grant");

  const url = await twinUrl({ mayRedeemAgain: () => true });
  const third = (await consent(person, client)).searchParams.get("code") ?? "";
  expect((await redeem({ code: third }, basic(client), url)).status).toBe(200);
  expect((await redeem({ code: third }, basic(client), url)).status, "the twin is caught").toBe(200);
});

test("a code is good for a minute, for its client, its redirect URI and its verifier", async () => {
  const client = await register();
  const other = await register();
  const person = await signedIn();
  const code = async () => (await consent(person, client)).searchParams.get("code") ?? "";
  const refused = [
    await redeem({ code: await code() }, basic(other)),
    await redeem({ code: await code(), redirect_uri: "https://evil.example/" }, basic(client)),
    await redeem({ code: await code(), code_verifier: "w".repeat(43) }, basic(client)),
    await redeem({ code: await code(), code_verifier: "" }, basic(client)),
  ];
  const late = await code();
  room.pass(61);
  refused.push(await redeem({ code: late }, basic(client)));
  for (const { status, body } of refused) expect([status, body.error]).toEqual([400, "invalid_grant"]);
  const url = await twinUrl({ isVerifierOf: () => true });
  expect((await redeem({ code: await code(), code_verifier: "w".repeat(43) }, basic(client), url)).status).toBe(200);
});

test("a code that waits to be redeemed dies when the password changes", async () => {
  const client = await register();
  const person = await signedIn();
  const [lost, kept] = [await consent(person, client), await consent(await signedIn(), client)];
  expect((await person.updateUser({ password: otherPassword })).error).toBeNull();
  const dead = await redeem({ code: lost.searchParams.get("code") ?? "" }, basic(client));
  expect([dead.status, dead.body.error]).toEqual([400, "invalid_grant"]);
  expect((await redeem({ code: kept.searchParams.get("code") ?? "" }, basic(client))).status).toBe(200);
});

test("OAU-04: without PKCE, or with plain, nobody is asked for consent", async () => {
  const client = await register();
  for (const more of [
    { code_challenge: undefined, code_challenge_method: undefined },
    { code_challenge_method: "plain" },
    { code_challenge_method: undefined },
    { code_challenge: "short" },
  ]) {
    const response = await authorize(await authorizeQuery(client, more));
    const back = new URL(response.headers.get("location") ?? "");
    expect(back.origin).toBe("https://client.example.test");
    expect(Object.fromEntries(back.searchParams)).toMatchObject({
      error: "invalid_request",
      state: "s1",
      iss: "https://localhost:8443/auth/v1",
    });
  }
  const url = await twinUrl({ isChallengeEnough: () => true });
  const let_in = await authorize(await authorizeQuery(client, { code_challenge_method: "plain" }), url);
  expect(let_in.headers.get("location")).toContain("/oauth/consent");
});

test("OAU-05: there is no password, implicit or client-credentials grant", async () => {
  const client = await register();
  for (const grant_type of [
    "password",
    "client_credentials",
    "implicit",
    "urn:ietf:params:oauth:grant-type:device_code",
    "",
  ]) {
    const { status, body } = await redeem({ grant_type, username: "a", password: "b" }, basic(client));
    expect([status, body.error], grant_type).toEqual([400, "unsupported_grant_type"]);
  }
  for (const response_type of ["token", "id_token", "code token", ""]) {
    const response = await authorize(await authorizeQuery(client, { response_type }));
    expect(new URL(response.headers.get("location") ?? "").searchParams.get("error")).toBe("unsupported_response_type");
  }
});

test("OAU-08: a refresh never widens the scope, may narrow it, and belongs to its client", async () => {
  const client = await register();
  const other = await register();
  const person = await signedIn();
  const code = (await consent(person, client, { scope: "openid email" })).searchParams.get("code") ?? "";
  const { body } = await redeem({ code }, basic(client));
  const refresh = (scope: string, who = client, url = room.url, token = body.refresh_token ?? "") =>
    redeem({ grant_type: "refresh_token", refresh_token: token, scope }, basic(who), url);
  expect((await refresh("openid email profile")).body.error).toBe("invalid_scope");
  expect((await refresh("admin")).body.error).toBe("invalid_scope");
  expect((await refresh("openid", other)).body.error).toBe("invalid_grant");
  const narrow = await refresh("openid");
  expect(decodeJwt(narrow.body.access_token ?? "").scope).toBe("openid");
  expect(room.eventsNamed("grant.refused").map(({ reason }) => reason)).toContain("scope-widened");
  const url = await twinUrl({ scopeAtRefresh: (_granted, asked) => asked ?? "" });
  const wide = await refresh("openid email profile", client, url, narrow.body.refresh_token ?? "");
  expect(wide.body.scope, "the twin is caught").toBe("openid profile email");
});

test("the rules of codes and verifiers by themselves", () => {
  expect(identityRules.isVerifierOf("x", undefined)).toBe(false);
  expect(identityRules.isVerifierOf("x", "v".repeat(42))).toBe(false);
  expect(identityRules.isChallengeEnough("v".repeat(43), "s256")).toBe(false);
});
