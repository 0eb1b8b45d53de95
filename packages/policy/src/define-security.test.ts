import fc from "fast-check";
import { expect, test } from "vitest";
import { all, any, anyone, column, member, nobody, not, owner, role, service, signedIn } from "./build-condition.ts";
import { canonicalJson } from "./canonical-json.ts";
import { checkSecurity, defineSecurity } from "./define-security.ts";
import { type IssueCode, PolicyError } from "./issue.ts";
import { issueKinds } from "./issue-kinds.ts";
import type { Policy } from "./policy.ts";
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
    password: { minLength: 12, breached: "refuse" },
    session: { idleSeconds: 1_800, absoluteSeconds: 43_200, accessTokenSeconds: 600 },
    factors: { totp: true },
    lockout: { attempts: 10, windowSeconds: 900 },
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
    a: { includes: [], heldBy: ["a", "admin", "b", "c"], requires: "aal1" },
    b: { includes: ["a"], heldBy: ["admin", "b", "c"], requires: "aal1" },
    c: { includes: ["a", "b"], heldBy: ["admin", "c"], requires: "aal1" },
    admin: { includes: ["a", "b", "c"], heldBy: ["admin"], requires: "aal2" },
  });
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

const deep = (levels: number): unknown => (levels === 0 ? anyone() : not(deep(levels - 1) as never));
const select = ["tables", "notes", "select"];
const allow = ["services", "api", "routes", "GET /api/notes", "allow"];
const post = ["services", "api", "routes", "POST /api/notes"];
const getter = Object.defineProperty({}, "name", { get: () => "small", enumerable: true });

/** Of each code: what is written where, and the place the issue names (the same unless given). */
const provocations: readonly (readonly [IssueCode, readonly string[], unknown, string?])[] = [
  ["input/not-an-object", ["browser"], 7],
  ["input/unknown-key", ["identity"], { redirects: ["*"] }, "identity.redirects"],
  ["input/unknown-key", ["tables", "notes", "restrictive"], true],
  [
    "input/unknown-key",
    select,
    { kind: "owner", column: "owner_id", claim: "user_metadata" },
    "tables.notes.select.claim",
  ],
  ["input/missing", ["application"], undefined],
  ["input/missing", ["tables", "notes", "columns", "x"], {}, "tables.notes.columns.x.type"],
  ["input/missing", allow, undefined],
  ["input/missing", ["sites", "app", "signIn"], undefined],
  ["input/wrong-type", ["identity"], { signUp: "opne" }, "identity.signUp"],
  ["input/wrong-type", ["tables", "notes", "columns", "x"], "txt"],
  ["input/wrong-type", select, { kind: "assurance", level: "aal3" }, "tables.notes.select.level"],
  [
    "input/too-many",
    ["browser"],
    { connect: Array.from({ length: 33 }, (_, index) => `https://h${index}.example`) },
    "browser.connect",
  ],
  [
    "input/duplicate",
    ["roles", "admin"],
    { includes: ["reader", "reader"], requires: "aal2" },
    "roles.admin.includes[1]",
  ],
  ["input/duplicate", ["tables", "other"], { name: "notes", columns: { id: "uuid" } }, "tables.other"],
  ["input/accessor", ["application"], getter, "application.name"],
  ["name/invalid", ["roles", "Reader"], {}],
  ["name/invalid", ["tables", "a-b"], { columns: { id: "uuid" } }, 'tables["a-b"]'],
  ["name/invalid", ["tables", "x".repeat(64)], { columns: { id: "uuid" } }],
  ["name/invalid", ["application"], { name: "A b", origin: "https://localhost" }, "application.name"],
  ["name/reserved", ["roles", "authenticated"], {}],
  ["name/reserved", ["tables", "__proto__"], { columns: { id: "uuid" } }],
  ["name/reserved", ["tables", "notes", "columns", "constructor"], "text"],
  ["name/reserved", ["services", "identity"], { routes: {} }],
  ["duration/invalid", ["identity"], { session: { idle: "30 minutes" } }, "identity.session.idle"],
  ["duration/invalid", ["identity"], { session: { idle: 30 } }, "identity.session.idle"],
  ["duration/out-of-range", ["identity"], { session: { accessToken: "2h" } }, "identity.session.accessToken"],
  ["duration/out-of-range", ["browser"], { hsts: "1d" }, "browser.hsts"],
  ["limit/invalid", [...post, "limit"], "0/min", 'services.api.routes["POST /api/notes"].limit'],
  ["limit/invalid", [...post, "limit"], "-1/min", 'services.api.routes["POST /api/notes"].limit'],
  [
    "bytes/invalid",
    post,
    { allow: signedIn(), body: {}, bodyBytesMax: "1GiB" },
    'services.api.routes["POST /api/notes"].bodyBytesMax',
  ],
  ["number/out-of-range", ["monitoring"], { load: 1 }, "monitoring.load"],
  ["number/out-of-range", ["monitoring"], { apiErrors: { above: 0 } }, "monitoring.apiErrors.above"],
  ["number/out-of-range", ["targets"], { uptime: 1.01 }, "targets.uptime"],
  ["number/out-of-range", ["identity"], { password: { minLength: 7 } }, "identity.password.minLength"],
  ["origin/invalid", ["application"], { name: "a", origin: "https://a.example/path" }, "application.origin"],
  ["origin/invalid", ["application"], { name: "a", origin: "https://user@a.example" }, "application.origin"],
  ["origin/invalid", ["browser"], { connect: ["ftp://a.example"] }, "browser.connect[0]"],
  ["origin/insecure", ["application"], { name: "a", origin: "http://a.example" }, "application.origin"],
  ["origin/wildcard", ["browser"], { connect: ["https://*.example"] }, "browser.connect[0]"],
  ["role/undeclared", select, role("redaer"), "tables.notes.select.role"],
  ["role/undeclared", ["identity"], { defaultRoles: ["x"] }, "identity.defaultRoles[0]"],
  ["role/cycle", ["roles", "reader"], { includes: ["admin"], requires: "aal2" }, "roles.reader.includes"],
  ["role/includes-stronger", ["roles", "boss"], { includes: ["admin"] }],
  ["role/administrator-undeclared", ["platform"], { administrator: "root" }, "platform.administrator"],
  ["role/administrator-weak", ["platform"], { administrator: "reader" }, "platform.administrator"],
  ["role/default-privileged", ["identity"], { defaultRoles: ["admin"] }, "identity.defaultRoles[0]"],
  ["column/undeclared", select, any(owner("owner_id"), owner("user")), "tables.notes.select.of[1].column"],
  ["column/undeclared", select, owner("toString"), "tables.notes.select.column"],
  ["column/forbidden", ["tables", "notes", "columns", "user_metadata"], "jsonb"],
  ["column/forbidden", ["tables", "notes", "columns", "raw_user_meta_data"], "jsonb"],
  [
    "table/undeclared",
    select,
    member({ column: "team_id", table: "tie", group: "team_id", subject: "user_id" }),
    "tables.notes.select.table",
  ],
  ["table/primary-key", ["tables", "notes", "primaryKey"], "until"],
  ["table/primary-key", ["tables", "notes", "primaryKey"], "nothing"],
  ["table/schema-reserved", ["tables", "notes", "schema"], "auth"],
  ["table/schema-reserved", ["tables", "notes", "schema"], "pg_catalog"],
  ["condition/invalid", select, "anyone"],
  ["condition/invalid", select, anyone],
  ["condition/unknown-kind", select, { kind: "userMetadata", key: "role" }, "tables.notes.select.kind"],
  ["condition/empty", select, any(), "tables.notes.select.of"],
  ["condition/empty", select, column("status").isOneOf(), "tables.notes.select.values"],
  ["condition/too-deep", select, deep(16), `tables.notes.select${".of".repeat(16)}`],
  ["condition/too-large", select, any(...Array.from({ length: 256 }, signedIn))],
  ["condition/open-write", ["tables", "notes", "insert"], anyone()],
  ["condition/open-write", ["tables", "notes", "update"], any(owner("owner_id"), anyone())],
  ["condition/open-write", ["tables", "notes", "delete"], not(signedIn())],
  ["condition/service-in-table", select, service()],
  ["condition/row-outside-table", allow, owner("owner_id")],
  ["condition/row-outside-table", ["sites", "app", "pages", "/x"], column("status").is("a"), 'sites.app.pages["/x"]'],
  ["condition/column-type", select, owner("status"), "tables.notes.select.column"],
  ["condition/column-type", select, column("day").isFuture(), "tables.notes.select.column"],
  ["condition/column-type", select, column("extra").is("a"), "tables.notes.select.column"],
  [
    "condition/column-type",
    select,
    member({ column: "status", table: "ties", group: "team_id", subject: "user_id" }),
    "tables.notes.select.group",
  ],
  [
    "condition/column-type",
    select,
    member({ column: "team_id", table: "ties", group: "team_id", subject: "kind" }),
    "tables.notes.select.subject",
  ],
  ["condition/value-misfit", select, column("status").is(1), "tables.notes.select.value"],
  ["condition/value-misfit", select, column("level").is(1.5), "tables.notes.select.value"],
  ["condition/value-misfit", select, column("level").is(2_147_483_648), "tables.notes.select.value"],
  ["condition/value-misfit", select, column("size").is("9223372036854775808"), "tables.notes.select.value"],
  ["condition/value-misfit", select, column("price").is(Number.NaN), "tables.notes.select.value"],
  ["condition/value-misfit", select, column("day").is("2030-02-29"), "tables.notes.select.value"],
  ["condition/value-misfit", select, column("until").is("2030-01-01T00:00:00"), "tables.notes.select.value"],
  ["condition/value-misfit", select, column("id").is("me"), "tables.notes.select.value"],
  ["condition/value-misfit", select, column("status").is("a\0"), "tables.notes.select.value"],
  [
    "condition/value-misfit",
    select,
    { kind: "compare", column: "status", operator: "eq", value: null },
    "tables.notes.select.value",
  ],
  [
    "condition/operator-misfit",
    select,
    column("id").isLessThan("aaaaaaaa-0000-4000-8000-000000000001"),
    "tables.notes.select.operator",
  ],
  ["service/undeclared", ["services", "api", "calls"], ["redis"], "services.api.calls[0]"],
  ["route/invalid", ["services", "api", "routes", "FETCH /x"], { allow: signedIn() }],
  ["route/invalid", ["services", "api", "routes", "GET /x/../y"], { allow: signedIn() }],
  ["route/invalid", ["services", "api", "routes", "GET /x/"], { allow: signedIn() }],
  ["route/invalid", ["services", "api", "routes", "GET /*"], { allow: signedIn() }],
  ["route/reserved", ["services", "api", "routes", "GET /auth/v1/user"], { allow: signedIn() }],
  ["route/reserved", ["services", "api", "routes", "GET /Metrics"], { allow: signedIn() }],
  ["route/reserved", ["sites", "app", "pages", "/platform/v1/x"], anyone()],
  [
    "route/duplicate",
    ["services", "other"],
    { routes: { "GET /api/notes": { allow: signedIn() } } },
    'services.other.routes["GET /api/notes"]',
  ],
  ["route/duplicate", ["sites", "app", "pages", "/api/notes"], anyone()],
  [
    "route/body-not-taken",
    ["services", "api", "routes", "GET /api/notes"],
    { allow: signedIn(), body: {} },
    'services.api.routes["GET /api/notes"].body',
  ],
  [
    "route/body-schema",
    [...post, "body"],
    { type: "object", additionalProperties: true },
    'services.api.routes["POST /api/notes"].body.additionalProperties',
  ],
  [
    "route/body-schema",
    [...post, "body"],
    { $ref: "https://schemas.example/x" },
    'services.api.routes["POST /api/notes"].body["$ref"]',
  ],
  [
    "route/body-schema",
    [...post, "body"],
    { validate: () => true },
    'services.api.routes["POST /api/notes"].body.validate',
  ],
  ["site/mount", ["sites", "app", "mount"], "/:x"],
  ["site/mount", ["sites", "app", "mount"], "/console", "sites.console.mount"],
  ["site/page-invalid", ["sites", "app", "pages", "/a//b"], anyone()],
  ["site/page-outside-mount", ["sites", "app", "pages", "/console/x"], anyone()],
  ["site/page-missing", ["sites", "app", "signIn"], "/login"],
  ["site/page-closed", ["sites", "app", "pages", "/sign-in"], signedIn()],
  ["identity/session-order", ["identity"], { session: { idle: "5m", accessToken: "10m" } }, "identity.session"],
  ["browser/feature-unknown", ["browser"], { features: ["telepathy"] }, "browser.features[0]"],
];

function pathOf(place: readonly string[]): string {
  return place
    .map((key) => (/^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`))
    .join("")
    .slice(1);
}

test.each(provocations)("%s is found at %j", (code, place, value, path) => {
  const checked = checkSecurity(smallInputWith(place, value));
  const issues = "issues" in checked ? checked.issues : [];
  const found = issues.filter((issue) => issue.code === code).map((issue) => issue.path);
  expect(found).toContain(path ?? pathOf(place));
});

test("every code is provoked by a test, and every issue says what was expected, what was found and what to do", () => {
  const provoked = new Set(provocations.map(([code]) => code));
  expect(Object.keys(issueKinds).filter((code) => !provoked.has(code as IssueCode))).toEqual([]);
  for (const [, place, value] of provocations) {
    const checked = checkSecurity(smallInputWith(place, value));
    for (const issue of "issues" in checked ? checked.issues : []) {
      for (const text of [issue.expected, issue.found, issue.hint]) expect(text).not.toBe("");
    }
  }
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
