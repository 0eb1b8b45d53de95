// GitHub has no ID tokens: who somebody is stands in its API, and an address counts only as its list of addresses says.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { defineSecurity } from "@holdfast/policy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newEmail, TestIdentity } from "../testing/start-identity.ts";

const room = new TestIdentity();
let server: Server;
let issuer = "";
/** What GitHub's API says now. */
const github = { user: {} as object, emails: [] as object, tokens: 0 };

beforeAll(async () => {
  server = createServer((request, response) => {
    const answers: Record<string, () => unknown> = {
      "/login/oauth/access_token": () => {
        github.tokens += 1;
        return { access_token: "gho_test", token_type: "bearer", scope: "user:email" };
      },
      "/api/v3/user": () => github.user,
      "/api/v3/user/emails": () => github.emails,
    };
    const answer = answers[request.url ?? ""];
    request.resume();
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer?.() ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/login/oauth`;
  const policy = defineSecurity({
    application: { name: "content", origin: "https://localhost:8443" },
    roles: { reader: {}, admin: { requires: "aal2" } },
    identity: {
      signUp: "open",
      defaultRoles: ["reader"],
      providers: { github: { kind: "github", clientId: "gh", issuer } },
    },
    tables: {},
    services: {},
  });
  await room.start({ policy, providerSecret: async () => "secret" });
});
afterAll(async () => {
  await room.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function signIn() {
  const away = await fetch(`${room.url}/authorize?provider=github`, { redirect: "manual" });
  const sent = new URL(away.headers.get("location") ?? "");
  const cookie = (away.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";
  const search = new URLSearchParams({ code: "c", state: sent.searchParams.get("state") ?? "" });
  const back = await fetch(`${room.url}/callback?${search}`, { redirect: "manual", headers: { cookie } });
  const landed = new URL(back.headers.get("location") ?? "about:blank");
  const token = new URLSearchParams(landed.hash.slice(1)).get("access_token") ?? "";
  return { sent, landed, user: (await room.call("GET", "/user", { token })).body };
}

test("an account is its number at GitHub, with the address that is primary and verified there", async () => {
  const email = newEmail();
  github.user = { id: 583231, login: "octocat", name: "Octo", email: "written-by@anybody.test" };
  github.emails = [
    { email: "other@example.test", primary: false, verified: true },
    { email, primary: true, verified: true },
  ];
  const { sent, user } = await signIn();
  expect(Object.fromEntries(sent.searchParams)).toMatchObject({ client_id: "gh", code_challenge_method: "S256" });
  expect(user).toMatchObject({
    email,
    identities: [{ provider: "github", id: "583231", identity_data: { user_name: "octocat", email_verified: true } }],
  });
  github.user = { id: 583231, login: "renamed" };
  expect((await signIn()).user.id, "a name may change hands, the number not").toBe(user.id);
});

test("an address that GitHub has not verified, or that only the profile tells, is nobody's", async () => {
  github.user = { id: 2, login: "two", email: "victim@example.test", sub: "583231" };
  github.emails = [{ email: "victim@example.test", primary: true, verified: false }];
  const { user } = await signIn();
  expect([user.email, user.identities[0].id]).toEqual(["", "2"]);
  github.user = { login: "without a number" };
  expect((await signIn()).landed.searchParams.get("error_code")).toBe("bad_oauth_callback");
  github.emails = { message: "no list" };
  github.user = { id: 3, login: "three" };
  expect((await signIn()).user.email).toBe("");
});
