// What is off says so in Supabase Auth's own words, whoever asks and whatever they send.
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestIdentity, testPolicy } from "../testing/start-identity.ts";
import { settingsOf } from "./settings.ts";
import { switchedOff } from "./switched-off.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());

const expected = (path: string) => {
  if (path.includes("sso")) return ["saml_provider_disabled", "SAML 2.0 is disabled"];
  if (path.includes("scim")) return ["feature_disabled", "SCIM server is disabled"];
  return ["feature_disabled", "Custom OAuth providers are disabled"];
};

for (const route of Object.keys(switchedOff)) {
  const [method = "", pattern = ""] = route.split(" ");
  test(`${route} is 404 with a code, and an event`, async () => {
    const path = pattern.replace(":id", "custom:mine");
    const isForService = path.startsWith("/admin");
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const token = isForService ? { token: await room.identity.issueServiceKey() } : {};
    const sent = method === "GET" ? {} : { body: {}, headers: form };
    const answer = await room.call(method, path, { ...token, ...sent });
    const [code, message] = expected(path);
    expect(answer).toMatchObject({ status: 404, body: { code, message } });
    expect(room.events.at(-1)).toMatchObject({ name: isForService ? "admin.refused" : "signin.failed", reason: code });
    if (isForService) expect((await room.call(method, path)).body.code).toBe("no_authorization");
  });
}

test("a wallet's signature is no way in", async () => {
  const body = { chain: "ethereum", message: "example.com wants you to sign in", signature: "0x00" };
  const answer = await room.call("POST", "/token?grant_type=web3", { body });
  expect(answer).toMatchObject({
    status: 422,
    body: { code: "web3_provider_disabled", message: "Web3 provider is disabled" },
  });
  expect(room.events.at(-1)).toMatchObject({ name: "signin.failed", reason: "web3_provider_disabled" });
});

test("the settings say what the policy says", async () => {
  const { body } = await room.call("GET", "/settings");
  expect(body).toMatchObject({
    external: { anonymous_users: false, email: true, phone: false, google: false, github: false },
    disable_signup: false,
    saml_enabled: false,
    sms_provider: "",
    factors: { totp: true, webauthn: true, phone: false, recovery_codes: true },
  });
  const { identity } = testPolicy;
  const google = {
    kind: "google",
    clientId: "id",
    issuer: null,
    scopes: [],
    trustEmail: false,
    signedSecret: null,
  } as const;
  const open = {
    ...identity,
    anonymous: true,
    passkeys: false,
    signUp: "closed",
    phone: { ...identity.phone, signIn: true },
  } as const;
  const policy = { ...testPolicy, identity: { ...open, providers: { google, acme: google } } };
  expect(settingsOf(policy)).toMatchObject({
    external: { anonymous_users: true, phone: true, google: true, acme: true, github: false },
    disable_signup: true,
    sms_provider: "messenger",
    passkeys_enabled: false,
  });
});
