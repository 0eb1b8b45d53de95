import fc from "fast-check";
import { expect, test } from "vitest";
import { all, any, anyone, nobody, owner, role, service, signedIn } from "./build-condition.ts";
import { canonicalJson } from "./canonical-json.ts";
import { checkSecurity, defineSecurity } from "./define-security.ts";
import { PolicyError } from "./issue.ts";
import type { Policy } from "./policy.ts";
import { post, provocations, select } from "./testing/provocations.ts";
import { smallInput, smallInputWith } from "./testing/small-input.ts";

function policyOf(input: unknown): Policy {
  const checked = checkSecurity(input);
  if ("issues" in checked) throw new PolicyError(checked.issues);
  return checked.policy;
}

test("every default is filled in, in seconds and bytes", () => {
  const policy = policyOf(smallInput);
  expect(policy.identity).toEqual({
    signUp: "closed",
    defaultRoles: [],
    email: { confirm: true, signIn: true, codeSeconds: 600, confirmationSeconds: 3_600 },
    phone: { signIn: false, prefixes: [], perCountry: 200 },
    anonymous: false,
    redirects: [],
    password: {
      minLength: 12,
      breached: "refuse",
      breachRange: null,
      hash: { memoryKib: 19_456, passes: 2, lanes: 1 },
    },
    session: { idleSeconds: 1_800, absoluteSeconds: 43_200, accessTokenSeconds: 600, single: false },
    factors: { totp: true, webauthn: true, phone: false, recoveryCodes: true },
    passkeys: true,
    linking: false,
    impersonation: false,
    providers: {},
    oauthServer: { on: false, registration: false },
    lockout: { attempts: 10, windowSeconds: 900 },
    hosted: null,
  });
  expect(policy.browser).toEqual({ features: [], hstsSeconds: 63_072_000, connect: [] });
  expect(policy.monitoring).toEqual({
    failedLogins: { atLeast: 5, windowSeconds: 60 },
    apiErrorsAbove: 0.01,
    loadAbove: 0.8,
    memoryAbove: 0.9,
    diskAbove: 0.85,
  });
  expect(policy.targets).toEqual({
    uptime: 0.9999,
    incidentResponseSeconds: 3_600,
    patchSeconds: 86_400,
    backups: 1,
    compliance: 1,
  });
  expect(policy.continuity).toEqual({
    backups: null,
    recoveryPointSeconds: 300,
    degradeAfterSeconds: null,
    recoveryTimeSeconds: 900,
    replicas: 0,
  });
  expect(policy.services.api).toMatchObject({
    kind: "application",
    timeoutSeconds: 5,
    callers: ["gateway"],
    calls: ["postgres"],
  });
  expect(policy.services.api?.routes["GET /api/notes"]).toEqual({
    method: "GET",
    path: "/api/notes",
    allow: { kind: "signedIn" },
    limit: { requests: 120, windowSeconds: 60 },
    takesBody: false,
    bodyBytesMax: 0,
  });
});

test("a provider is of the kind its name says, and asks for what tells who somebody is", () => {
  const providers = {
    google: { clientId: "x" },
    work: { kind: "oidc", clientId: "y", issuer: "https://in.example/t" },
  };
  expect(policyOf(smallInputWith(["identity"], { providers })).identity.providers).toEqual({
    google: {
      kind: "google",
      clientId: "x",
      issuer: null,
      scopes: ["email", "openid", "profile"],
      trustEmail: false,
      signedSecret: null,
    },
    work: {
      kind: "oidc",
      clientId: "y",
      issuer: "https://in.example/t",
      scopes: ["email", "openid", "profile"],
      trustEmail: false,
      signedSecret: null,
    },
  });
});

test("each of OWASP's equal costs of argon2id is accepted", () => {
  for (const hash of [
    { memoryKib: 47_104, passes: 1 },
    { memoryKib: 12_288, passes: 3 },
    { memoryKib: 9_216, passes: 4, lanes: 2 },
    { memoryKib: 7_168, passes: 5 },
  ]) {
    const { password } = policyOf(smallInputWith(["identity"], { password: { hash } })).identity;
    expect(password.hash).toEqual({ lanes: 1, ...hash });
  }
});

test("redirects are exact URLs, plain HTTP on loopback only", () => {
  const redirects = ["http://127.0.0.1:3000/in?from=mail", "https://a.example", "https://a.example/b/%C3%A9"];
  expect(policyOf(smallInputWith(["identity"], { redirects })).identity.redirects).toEqual(redirects);
});

test("an action that a table does not name is closed, and columns are not null and writable unless they say so", () => {
  const { notes } = policyOf(smallInput).tables;
  expect(notes).toMatchObject({
    schema: "public",
    name: "notes",
    primaryKey: "id",
    insert: nobody(),
    update: nobody(),
    delete: nobody(),
  });
  expect(notes?.columns.id).toEqual({ type: "uuid", nullable: false, writable: true });
  expect(notes?.columns.until).toEqual({ type: "timestamptz", nullable: true, writable: true });
});

test("roles know whom they include and who holds them", () => {
  const roles = { a: {}, b: { includes: ["a"] }, c: { includes: ["b"] }, admin: { includes: ["c"], requires: "aal2" } };
  expect(policyOf({ ...smallInput, roles, services: {}, tables: {} }).roles).toEqual({
    a: { includes: [], heldBy: ["a", "admin", "b", "c"], requires: "aal1", approval: false },
    b: { includes: ["a"], heldBy: ["admin", "b", "c"], requires: "aal1", approval: false },
    c: { includes: ["a", "b"], heldBy: ["admin", "c"], requires: "aal1", approval: false },
    admin: { includes: ["a", "b", "c"], heldBy: ["admin"], requires: "aal2", approval: true },
  });
});

test("a role needs approval when it needs a second factor, says so, or includes one that does", () => {
  const roles = {
    plain: {},
    strong: { requires: "aal2" },
    trusted: { approval: true },
    above: { includes: ["trusted"] },
    alone: { requires: "aal2", approval: false },
    admin: { requires: "aal2" },
  };
  const made = policyOf({ ...smallInput, roles, identity: {}, services: {}, tables: {} }).roles;
  expect(Object.fromEntries(Object.entries(made).map(([name, role]) => [name, role.approval]))).toEqual({
    plain: false,
    strong: true,
    trusted: true,
    above: true,
    alone: false,
    admin: true,
  });
});

test("a role that needs approval is no default role", () => {
  const roles = { ...smallInput.roles, reader: { approval: true } };
  const checked = checkSecurity({ ...smallInput, roles, identity: { defaultRoles: ["reader"] } });
  expect("issues" in checked && checked.issues).toMatchObject([
    { code: "role/default-privileged", path: "identity.defaultRoles[0]" },
  ]);
});

test("the policy is frozen all the way down and independent of the input", () => {
  const input = structuredClone(smallInput);
  const policy = policyOf(input);
  const before = canonicalJson(policy);
  const mutable = policy as unknown as { tables: { notes: { select: { column: string } } } };
  expect(() => {
    mutable.tables.notes.select.column = "id";
  }).toThrow(TypeError);
  input.tables.notes.select.column = "id";
  expect(canonicalJson(policy)).toBe(before);
});

test("identity, platform and console are part of every policy", () => {
  const policy = policyOf(smallInput);
  expect(policy.services.identity?.routes["POST /auth/v1/token"]).toMatchObject({
    path: "/auth/v1/token",
    allow: anyone(),
    limit: { requests: 30, windowSeconds: 60 },
    takesBody: true,
  });
  expect(policy.services.identity?.routes["GET /auth/v1/admin/users"]?.allow).toEqual(service());
  const administrator = all(role("admin"), { kind: "assurance", level: "aal2" });
  expect(policy.services.platform?.routes["GET /metrics"]?.allow).toEqual(any(administrator, service()));
  expect(policy.services.platform?.routes["POST /platform/v1/evidence"]?.allow).toEqual(service());
  expect(policy.sites.console?.pages["/console/controls/:id"]).toEqual(administrator);
  expect(policy.sites.console?.pages["/console/sign-in"]).toEqual(anyone());
});

test("the administrator of the platform may have another name", () => {
  const roles = { ...smallInput.roles, boss: { requires: "aal2" } };
  const policy = policyOf({ ...smallInput, roles, platform: { administrator: "boss" } });
  expect(policy.platform).toEqual({ administrator: "boss" });
  const administrator = all(role("boss"), { kind: "assurance", level: "aal2" });
  expect(policy.sites.console?.pages["/console"]).toEqual(administrator);
  expect(policy.services.platform?.routes["GET /platform/v1/summary"]?.allow).toEqual(any(administrator, service()));
});

test("a console of one's own replaces the built-in one", () => {
  const site = { mount: "/ops", pages: { "/ops/in": anyone() }, signIn: "/ops/in", unauthorized: "/ops/in" };
  expect(policyOf(smallInputWith(["sites", "console"], site)).sites.console).toEqual(site);
});

test("body schemas are closed, at every depth, unless they are parts of a whole", () => {
  const body = {
    type: "object",
    properties: {
      tags: { type: "array", items: { type: "object", properties: { name: { type: "string" } } } },
      either: { anyOf: [{ type: "object", properties: {} }] },
    },
  };
  const policy = policyOf(
    smallInputWith(["services", "api", "routes", "POST /api/notes"], { allow: signedIn(), body }),
  );
  const route = policy.services.api?.routes["POST /api/notes"];
  expect(route).toMatchObject({ takesBody: true, bodyBytesMax: 65_536 });
  expect(route?.body).toEqual({
    type: "object",
    additionalProperties: false,
    properties: {
      tags: {
        type: "array",
        items: { type: "object", properties: { name: { type: "string" } }, additionalProperties: false },
      },
      either: { anyOf: [{ type: "object", properties: {}, additionalProperties: false }] },
    },
  });
  const parts = { allOf: [{ properties: { a: {} } }, { properties: { b: {} } }], type: "object" };
  const joined = policyOf(
    smallInputWith(["services", "api", "routes", "POST /api/notes"], { allow: signedIn(), body: parts }),
  );
  expect(joined.services.api?.routes["POST /api/notes"]?.body).toEqual({ ...parts, unevaluatedProperties: false });
});

test("lists whose order has no meaning are sorted", () => {
  const policy = policyOf(
    smallInputWith(["browser"], { features: ["payment", "camera"], connect: ["wss://b.example", "https://a.example"] }),
  );
  expect(policy.browser.features).toEqual(["camera", "payment"]);
  expect(policy.browser.connect).toEqual(["https://a.example", "wss://b.example"]);
});

test("all mistakes are told at once, and a near name is suggested", () => {
  const input = {
    ...smallInput,
    application: { name: "Small", origin: "http://*.example" },
    roles: { ...smallInput.roles, Bad: {}, editor: { includes: ["raeder"] } },
    identity: { session: { idle: "soon" }, defaultRoles: ["admin"] },
    tables: { notes: { columns: { id: "uuid", owner: "text" }, select: owner("owner"), insert: anyone() } },
    monitoring: { load: 80 },
  };
  expect(() => defineSecurity(input as never)).toThrow(PolicyError);
  const checked = checkSecurity(input);
  const issues = "issues" in checked ? checked.issues : [];
  expect(issues.map((issue) => issue.path)).toEqual([
    "roles.Bad",
    "roles.editor.includes[0]",
    "application.name",
    "application.origin",
    "identity.defaultRoles[0]",
    "identity.session.idle",
    "tables.notes.select.column",
    "tables.notes.insert",
    "monitoring.load",
  ]);
  expect(issues[1]?.hint).toBe('Did you mean "reader"?');
});

test("plain HTTP is accepted on loopback only", () => {
  for (const origin of ["http://localhost:8080", "http://app.localhost", "http://127.0.0.1:1", "http://[::1]:9"]) {
    expect(policyOf(smallInputWith(["application", "origin"], origin)).application.origin).toBe(origin);
  }
  for (const origin of [
    "http://127.0.0.1.example",
    "http://localhost.example",
    "http://10.0.0.1",
    "HTTPS://a",
    "https://a.",
    "https://a:99999",
  ]) {
    expect(checkSecurity(smallInputWith(["application", "origin"], origin))).toHaveProperty("issues");
  }
});

test("whatever the input, checking it neither throws nor gives a policy that is not plain data", () => {
  const place = fc.constantFrom(
    ...provocations.map(([, where]) => where),
    ["roles"],
    ["tables"],
    ["services"],
    ["sites"],
    [],
  );
  const anything = fc.anything({
    withNullPrototype: true,
    withObjectString: true,
    withDate: true,
    withMap: true,
    maxDepth: 4,
  });
  fc.assert(
    fc.property(place, anything, (where, value) => {
      const checked = checkSecurity(where.length === 0 ? value : smallInputWith(where, value));
      if ("issues" in checked) expect(checked.issues.length).toBeGreaterThan(0);
      else expect(JSON.parse(canonicalJson(checked.policy))).toEqual(checked.policy);
    }),
    { numRuns: 2_000 },
  );
});

test("a condition that contains itself is refused, not followed for ever", () => {
  const circle: { kind: string; of: unknown[] } = { kind: "all", of: [] };
  circle.of.push(circle, circle);
  expect(checkSecurity(smallInputWith(select, circle))).toHaveProperty("issues");
  const schema: Record<string, unknown> = { type: "object" };
  schema.properties = { self: schema };
  expect(checkSecurity(smallInputWith([...post, "body"], schema))).toHaveProperty("issues");
});
