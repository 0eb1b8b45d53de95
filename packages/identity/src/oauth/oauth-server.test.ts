// The OAuth 2.1 server as clients and people use it: openid-client is the client, auth-js the person and the administrator.
import { decodeJwt, decodeProtectedHeader } from "jose";
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretBasic,
  Configuration,
  calculatePKCECodeChallenge,
  fetchUserInfo,
  refreshTokenGrant,
} from "openid-client";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  admin,
  authorize,
  authorizeQuery,
  basic,
  consent,
  idIn,
  type RegisteredClient,
  redeem,
  redirectUri,
  register,
  room,
  serviceKey,
  signedIn,
  startServer,
  twinUrl,
  verifier,
} from "../testing/oauth-server.ts";
import { testPolicy } from "../testing/start-identity.ts";

beforeAll(startServer);
afterAll(() => room.stop());
beforeEach(() => {
  room.events.length = 0;
});

test("openid-client signs somebody in, reads who it is, and refreshes", async () => {
  const client = await register();
  const metadata = (await room.call("GET", "/.well-known/openid-configuration")).body;
  const here = Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [
      name,
      name !== "issuer" && typeof value === "string"
        ? value.replace("https://localhost:8443/auth/v1", room.url)
        : value,
    ]),
  );
  const config = new Configuration(here as never, client.client_id, undefined, ClientSecretBasic(client.client_secret));
  allowInsecureRequests(config);
  const url = buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: "openid email",
    state: "s1",
    nonce: "n1",
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const asked = await fetch(url, { redirect: "manual" });
  expect(asked.status).toBe(302);
  expect(asked.headers.get("location")).toMatch(/^https:\/\/localhost:8443\/oauth\/consent\?authorization_id=/);

  const person = await signedIn();
  const { data: details } = await person.oauth.getAuthorizationDetails(idIn(asked));
  expect(details).toMatchObject({
    client: { name: "Reader's desk" },
    scope: "openid email",
    redirect_uri: redirectUri,
  });
  const approved = await person.oauth.approveAuthorization(idIn(asked), { skipBrowserRedirect: true });
  const back = new URL(approved.data?.redirect_url ?? "");
  const tokens = await authorizationCodeGrant(config, back, {
    expectedState: "s1",
    expectedNonce: "n1",
    pkceCodeVerifier: verifier,
  });
  const { data: me } = await person.getUser();
  expect(tokens.claims()).toMatchObject({
    sub: me.user?.id,
    aud: client.client_id,
    email: me.user?.email,
    nonce: "n1",
  });
  expect(await fetchUserInfo(config, tokens.access_token, me.user?.id ?? "")).toMatchObject({ email: me.user?.email });
  const again = await refreshTokenGrant(config, tokens.refresh_token ?? "");
  expect(again.scope).toBe("openid email");
  expect(room.events.map(({ name }) => name)).toEqual(expect.arrayContaining(["grant.given", "grant.redeemed"]));
});

test("a client's token says whose it is and what it may, and no role; an ID token is of another type and audience", async () => {
  const client = await register();
  const person = await signedIn();
  const back = await consent(person, client);
  const { body } = await redeem({ code: back.searchParams.get("code") ?? "" }, basic(client));
  expect(decodeJwt(body.access_token ?? "")).toMatchObject({
    client_id: client.client_id,
    scope: "openid email",
    aud: "authenticated",
    app_metadata: {},
    amr: [{ method: "oauth_provider/authorization_code" }],
  });
  expect(decodeProtectedHeader(body.id_token ?? "").typ).toBe("id_token+jwt");
  for (const token of [body.access_token, body.id_token]) {
    const answer = await room.call("GET", "/user", { token: token ?? "" });
    expect(answer.status).toBe(403);
  }
  expect(
    (await room.call("PUT", "/user", { token: body.access_token ?? "", body: { data: { a: 1 } } })).body.code,
  ).toBe("insufficient_scope");
  expect((await room.refresh(body.refresh_token ?? "")).body.code).toBe("refresh_token_not_found");
  const url = await twinUrl({ mayActAsPerson: () => true });
  expect((await room.call("GET", "/user", { token: body.access_token ?? "" }, url)).status).toBe(200);
});

test("client authentication: the registered method, the right secret, and one of them", async () => {
  const posts = await register({ token_endpoint_auth_method: "client_secret_post" });
  const open = await register({ token_endpoint_auth_method: "none" });
  const person = await signedIn();
  const code = async (client: RegisteredClient) => (await consent(person, client)).searchParams.get("code") ?? "";
  const { client_id, client_secret } = posts;
  expect((await redeem({ code: await code(posts), client_id, client_secret })).status).toBe(200);
  expect((await redeem({ code: await code(open), client_id: open.client_id })).status).toBe(200);
  const refused = [
    await redeem({ code: await code(posts), client_id, client_secret: "wrong" }),
    await redeem({ code: await code(posts) }, basic(posts)),
    await redeem({ code: await code(posts), client_id }),
    await redeem({ code: await code(posts), client_secret }, basic(posts)),
    await redeem({ code: await code(open) }, { authorization: "Basic %%%" }),
    await redeem({ code: await code(open), client_id: "nobody" }),
  ];
  for (const { status, body } of refused) expect([status, body.error]).toEqual([401, "invalid_client"]);
  const twice = await fetch(`${room.url}/oauth/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "grant_type=refresh_token&grant_type=authorization_code",
  });
  expect(twice.status).toBe(400);
});

test("only the person decides: somebody else's request, a denial, a second decision", async () => {
  const client = await register();
  const person = await signedIn();
  const other = await signedIn();
  const id = idIn(await authorize(await authorizeQuery(client)));
  expect((await person.oauth.getAuthorizationDetails(id)).error).toBeNull();
  expect((await other.oauth.getAuthorizationDetails(id)).error?.code).toBe("oauth_authorization_not_found");
  expect((await other.oauth.approveAuthorization(id)).error?.code).toBe("oauth_authorization_not_found");
  const denied = await person.oauth.denyAuthorization(id, { skipBrowserRedirect: true });
  expect(new URL(denied.data?.redirect_url ?? "").searchParams.get("error")).toBe("access_denied");
  expect((await person.oauth.approveAuthorization(id)).error?.code).toBe("oauth_authorization_not_found");
});

test("a confidential client that was granted everything before is not asked about again; a public one is", async () => {
  const person = await signedIn();
  const known = await register();
  await consent(person, known);
  const id = idIn(await authorize(await authorizeQuery(known)));
  expect((await person.oauth.getAuthorizationDetails(id)).data).toHaveProperty("redirect_url");
  const more = idIn(await authorize(await authorizeQuery(known, { scope: "openid profile" })));
  expect((await person.oauth.getAuthorizationDetails(more)).data).toHaveProperty("authorization_id");
  const open = await register({ token_endpoint_auth_method: "none" });
  await consent(person, open);
  const third = idIn(await authorize(await authorizeQuery(open)));
  expect((await person.oauth.getAuthorizationDetails(third)).data).toHaveProperty("authorization_id");
});

test("grants are listed and taken back; the client's sessions end at once, the person's own goes on", async () => {
  const client = await register();
  const person = await signedIn();
  const code = (await consent(person, client)).searchParams.get("code") ?? "";
  const { body } = await redeem({ code }, basic(client));
  const { data } = await person.oauth.listGrants();
  expect(data).toMatchObject([
    { client: { id: client.client_id, name: "Reader's desk" }, scopes: ["openid", "email"] },
  ]);
  const waiting = (await consent(person, client)).searchParams.get("code") ?? "";
  expect((await person.oauth.revokeGrant({ clientId: client.client_id })).error).toBeNull();
  expect((await person.oauth.listGrants()).data).toEqual([]);
  expect((await person.oauth.revokeGrant({ clientId: client.client_id })).error?.code).toBe("oauth_consent_not_found");
  const userinfo = await room.call("GET", "/oauth/userinfo", { token: body.access_token ?? "" });
  expect(userinfo.body.code ?? userinfo.body.error).toBe("session_not_found");
  expect((await redeem({ code: waiting }, basic(client))).body.error).toBe("invalid_grant");
  expect((await person.getUser()).error).toBeNull();
});

test("with a second factor consent needs it", async () => {
  const client = await register();
  const guarded = await room.guardedPerson();
  const { body: weak } = await room.signIn(guarded.email);
  const id = idIn(await authorize(await authorizeQuery(client)));
  const approve = (token: string) =>
    room.call("POST", `/oauth/authorizations/${id}/consent`, { token, body: { action: "approve" } });
  expect((await approve(weak.access_token)).body.code).toBe("insufficient_aal");
  expect((await approve(guarded.accessToken)).status).toBe(200);
});

test("admin.oauth: create, list, get, update, regenerate and delete, as auth-js calls them", async () => {
  const oauth = admin();
  const client = await register();
  expect(client.client_secret).toMatch(/^[\w-]{43}$/);
  const listed = await oauth.listClients({ page: 1, perPage: 1 });
  expect(listed.data).toMatchObject({ clients: [{ client_id: client.client_id }], total: expect.any(Number) });
  const got = await oauth.getClient(client.client_id);
  expect(got.data).toMatchObject({
    client_type: "confidential",
    registration_type: "manual",
    response_types: ["code"],
  });
  expect(got.data).not.toHaveProperty("client_secret");
  const updated = await oauth.updateClient(client.client_id, {
    client_name: "Desk",
    redirect_uris: [`${redirectUri}2`],
  });
  expect(updated.data).toMatchObject({ client_name: "Desk", redirect_uris: [`${redirectUri}2`] });
  const anew = await oauth.regenerateClientSecret(client.client_id);
  expect(anew.data?.client_secret).not.toBe(client.client_secret);
  const old = await redeem({ code: "x" }, basic(client));
  expect(old.body.error).toBe("invalid_client");
  expect((await oauth.deleteClient(client.client_id)).error).toBeNull();
  expect((await oauth.getClient(client.client_id)).error?.code).toBe("oauth_client_not_found");
  for (const uri of [
    "http://evil.example/",
    "https://*.example/",
    "javascript:alert(1)",
    "/back",
    "https://a@b.example/",
  ]) {
    const made = await oauth.createClient({ client_name: "x", redirect_uris: [uri] });
    expect(made.error?.code, uri).toBe("validation_failed");
  }
});

test("a client that is removed takes its sessions along, and none becomes the person's own", async () => {
  const client = await register();
  const person = await signedIn();
  const code = (await consent(person, client)).searchParams.get("code") ?? "";
  const { body } = await redeem({ code }, basic(client));
  expect((await admin().deleteClient(client.client_id)).error).toBeNull();
  expect((await room.call("GET", "/user", { token: body.access_token ?? "" })).body.code).toBe("session_not_found");
  expect((await person.getUser()).error).toBeNull();
});

test("clients may register themselves only where the policy says so, and not without end", async () => {
  const wish = { client_name: "Tool", redirect_uris: ["http://127.0.0.1:3000/cb"], token_endpoint_auth_method: "none" };
  const made = await room.call("POST", "/oauth/clients/register", { body: wish });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ registration_type: "dynamic", client_type: "public" });
  const headers = { "x-holdfast-address": "192.0.2.7" };
  const answers = [];
  for (let n = 0; n < 6; n += 1)
    answers.push(await room.call("POST", "/oauth/clients/register", { body: wish, headers }));
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 429]);
});

test("off, every endpoint of it is a 404 that says so", async () => {
  const url = await room.listen(await room.twin({ policy: testPolicy }));
  const { accessToken: token } = await room.person();
  const id = "00000000-0000-4000-8000-000000000000";
  for (const path of [
    "GET /oauth/authorize",
    `GET /oauth/authorizations/${id}`,
    "POST /oauth/token",
    "GET /oauth/userinfo",
    "GET /user/oauth/grants",
    "GET /.well-known/openid-configuration",
    "GET /.well-known/oauth-authorization-server",
  ]) {
    const [method = "", target = ""] = path.split(" ");
    const answer = await room.call(method, target, { token, ...(method === "POST" ? { body: {} } : {}) }, url);
    expect([answer.status, answer.body.code], path).toEqual([404, "feature_disabled"]);
  }
  expect((await room.call("GET", "/admin/oauth/clients", { token: serviceKey() }, url)).body.code).toBe(
    "feature_disabled",
  );
});
