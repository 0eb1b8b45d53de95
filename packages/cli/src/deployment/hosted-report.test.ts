import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { defineSecurity, type Policy } from "@holdfast/policy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { silentTerminal } from "../terminal.ts";
import { hostedReport, tellHosted } from "./hosted-report.ts";

let settings: unknown = {};
let keys: (string | undefined)[] = [];
const server = createServer((request, response) => {
  keys.push(request.headers["apikey"] as string | undefined);
  if (request.url !== "/auth/v1/settings") response.writeHead(404).end();
  else response.end(typeof settings === "string" ? settings : JSON.stringify(settings));
});
let policy: Policy;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  policy = defineSecurity({
    application: { name: "content", origin: "https://localhost:8443" },
    roles: { reader: {}, admin: { includes: ["reader"], requires: "aal2" } },
    identity: {
      hosted: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
      providers: { github: { clientId: "x" } },
      passkeys: false,
    },
    tables: {},
    services: {},
  });
});
afterAll(() => server.close());

/** What the policy says: closed, confirmed addresses, GitHub. */
const agreeing = {
  external: { anonymous_users: false, email: true, phone: false, github: true, google: false },
  disable_signup: true,
  mailer_autoconfirm: false,
  saml_enabled: false,
  passkeys_enabled: false,
};
const lines: string[] = [];
const terminal = { ...silentTerminal, line: (text = "") => lines.push(text), warn: (text: string) => lines.push(text) };
const report = async (told: unknown, environment = {}) => {
  settings = told;
  lines.length = 0;
  const found = await hostedReport(policy, environment);
  if (found === null) throw new Error("no report");
  return { ...found, agrees: tellHosted(found, terminal) };
};

test("a project that is set as the policy says has no difference, and what it does not show is named", async () => {
  keys = [];
  const { differences, agrees } = await report(agreeing, { HOLDFAST_HOSTED_API_KEY: "sb_publishable_x" });
  expect([differences, agrees]).toEqual([[], true]);
  expect(lines.join("\n")).toContain("identity.password");
  expect(keys).toEqual(["sb_publishable_x"]);
});

test("each setting that the project has otherwise is said, with what it means", async () => {
  const { differences, agrees } = await report({
    external: { anonymous_users: true, phone: true, google: true, github: false },
    disable_signup: false,
    mailer_autoconfirm: true,
    saml_enabled: true,
    passkeys_enabled: true,
  });
  expect(agrees).toBe(false);
  expect(differences.map(({ path, effect }) => `${path} ${effect}`)).toEqual([
    "identity.signUp looser",
    "identity.email.confirm looser",
    "identity.phone.signIn looser",
    "identity.anonymous looser",
    "identity.passkeys looser",
    "identity.providers.github tighter",
    "identity.providers.google looser",
    "identity.providers.saml looser",
  ]);
  expect(lines[0]).toMatch(/^~ identity.signUp: off in the policy, on at http/);
});

test("a project that does not answer properly agrees with nothing", async () => {
  const { failure, agrees } = await report("no JSON");
  expect(failure).not.toBeNull();
  expect(agrees).toBe(false);
  expect(lines[0]).toContain("could not be read");
});

test("where accounts live here there is nothing to report", async () => {
  expect(await hostedReport({ ...policy, identity: { ...policy.identity, hosted: null } }, {})).toBeNull();
});
