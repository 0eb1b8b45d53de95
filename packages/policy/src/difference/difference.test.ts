import { expect, test } from "vitest";
import { all, any, anyone, column, member, not, owner, role, signedIn } from "../build-condition.ts";
import { checkSecurity } from "../define-security.ts";
import type { Policy } from "../policy.ts";
import { smallInput, smallInputWith } from "../testing/small-input.ts";
import { difference } from "./difference.ts";

function policyOf(input: unknown): Policy {
  const checked = checkSecurity(input);
  if ("issues" in checked) throw new Error(JSON.stringify(checked.issues));
  return checked.policy;
}

const base = policyOf(smallInput);
const changesOf = (place: readonly string[], value: unknown) =>
  difference(base, policyOf(smallInputWith(place, value))).map(({ path, kind, effect }) => [path, kind, effect]);

test("nothing is different between a policy and itself", () => {
  expect(difference(base, policyOf(structuredClone(smallInput)))).toEqual([]);
});

test("a table that is audited no longer is looser: changes go unnoticed that were kept", () => {
  const audited = policyOf(smallInputWith(["tables", "notes", "audited"], true));
  expect(audited.tables["notes"]?.audited).toBe(true);
  expect(difference(audited, base)).toMatchObject([
    { path: "tables.notes.audited", kind: "removed", effect: "looser" },
  ]);
  expect(policyOf(smallInputWith(["tables", "notes", "audited"], false))).toEqual(base);
});

test.each([
  [["identity"], { signUp: "open" }, "identity.signUp", "looser"],
  [["identity"], { defaultRoles: ["reader"] }, "identity.defaultRoles", "looser"],
  [["identity"], { password: { minLength: 15 } }, "identity.password.minLength", "tighter"],
  [["identity"], { password: { breached: "allow" } }, "identity.password.breached", "looser"],
  [["identity"], { session: { idle: "15m" } }, "identity.session.idleSeconds", "tighter"],
  [["identity"], { session: { accessToken: "20m" } }, "identity.session.accessTokenSeconds", "looser"],
  [["identity"], { lockout: { attempts: 20 } }, "identity.lockout.attempts", "looser"],
  [["identity"], { lockout: { window: "30m" } }, "identity.lockout.windowSeconds", "tighter"],
  [["identity"], { email: { confirm: false } }, "identity.email.confirm", "looser"],
  [["identity"], { email: { signIn: false } }, "identity.email.signIn", "tighter"],
  [["identity"], { email: { code: "5m" } }, "identity.email.codeSeconds", "tighter"],
  [["identity"], { phone: { signIn: true } }, "identity.phone.signIn", "looser"],
  [["identity"], { email: { confirmation: "1d" } }, "identity.email.confirmationSeconds", "looser"],
  [["identity"], { phone: { prefixes: ["41"] } }, "identity.phone.prefixes", "tighter"],
  [["identity"], { phone: { perCountry: 1000 } }, "identity.phone.perCountry", "looser"],
  [["identity"], { anonymous: true }, "identity.anonymous", "looser"],
  [["identity"], { redirects: ["https://a.example/x"] }, "identity.redirects", "looser"],
  [
    ["identity"],
    { password: { breachRange: "https://range.example/range" } },
    "identity.password.breachRange",
    "tighter",
  ],
  [["identity"], { password: { hash: { memoryKib: 47_104 } } }, "identity.password.hash.memoryKib", "tighter"],
  [["identity"], { password: { hash: { passes: 3 } } }, "identity.password.hash.passes", "tighter"],
  [["identity"], { password: { hash: { lanes: 2 } } }, "identity.password.hash.lanes", "changed"],
  [["identity"], { session: { single: true } }, "identity.session.single", "tighter"],
  [["identity"], { factors: { totp: false } }, "identity.factors.totp", "changed"],
  [["identity"], { factors: { webauthn: false } }, "identity.factors.webauthn", "changed"],
  [["identity"], { factors: { phone: true } }, "identity.factors.phone", "looser"],
  [["identity"], { factors: { recoveryCodes: false } }, "identity.factors.recoveryCodes", "tighter"],
  [["identity"], { passkeys: false }, "identity.passkeys", "tighter"],
  [["identity"], { linking: true }, "identity.linking", "looser"],
  [["identity"], { providers: { google: { clientId: "x" } } }, "identity.providers.google", "looser"],
  [["identity"], { oauthServer: { on: true } }, "identity.oauthServer.on", "looser"],
  [["identity"], { oauthServer: { registration: true } }, "identity.oauthServer.registration", "looser"],
  [["identity"], { hosted: { url: "https://project.example" } }, "identity.hosted", "changed"],
  [["tables", "notes", "audited"], true, "tables.notes.audited", "tighter"],
  [["secrets"], { stripeKey: { source: "vault" } }, "secrets.stripeKey", "changed"],
  [["browser"], { features: ["camera"] }, "browser.features", "looser"],
  [["browser"], { connect: ["https://a.example"] }, "browser.connect", "looser"],
  [["browser"], { hsts: "365d" }, "browser.hstsSeconds", "looser"],
  [["monitoring"], { failedLogins: { atLeast: 6 } }, "monitoring.failedLogins.atLeast", "looser"],
  [["monitoring"], { failedLogins: { per: "2m" } }, "monitoring.failedLogins.windowSeconds", "tighter"],
  [["monitoring"], { disk: 0.8 }, "monitoring.diskAbove", "tighter"],
  [["targets"], { uptime: 0.999 }, "targets.uptime", "looser"],
  [["targets"], { patch: "12h" }, "targets.patchSeconds", "tighter"],
  [["continuity"], { backups: {} }, "continuity.backups", "tighter"],
  [["continuity"], { replicas: 1 }, "continuity.replicas", "tighter"],
  [["continuity"], { recoveryPoint: "10m" }, "continuity.recoveryPointSeconds", "looser"],
  [["continuity"], { recoveryTime: "5m" }, "continuity.recoveryTimeSeconds", "tighter"],
  [["services", "api", "timeout"], "30s", "services.api.timeoutSeconds", "looser"],
  [["services", "api", "calls"], ["postgres", "identity"], "services.api.calls", "looser"],
  [["application", "origin"], "https://localhost:9443", "application.origin", "changed"],
  [
    ["tables", "notes", "columns", "status"],
    { type: "text", writable: false },
    "tables.notes.columns.status.writable",
    "tighter",
  ],
  [
    ["tables", "notes", "columns", "status"],
    { type: "text", sealed: true },
    "tables.notes.columns.status.sealed",
    "tighter",
  ],
  [["tables", "notes", "columns", "secret"], "text", "tables.notes.columns.secret", "looser"],
  [["roles", "auditor"], {}, "roles.auditor", "changed"],
])("%j to %j is %s: %s", (place, value, path, effect) => {
  const changes = changesOf(place, value);
  expect(changes).toContainEqual([path, expect.any(String), effect]);
  expect(changes).toHaveLength(1);
});

test("a seal that goes or gets an index is looser, one that gets keys for each subject tighter", () => {
  const withSeal = (sealed: unknown) =>
    policyOf(smallInputWith(["tables", "notes", "columns", "status"], { type: "text", sealed }));
  const effects = (before: unknown, after: unknown) =>
    difference(withSeal(before), withSeal(after)).map(({ path, effect }) => [path.split(".").at(-1), effect]);
  expect(effects(true, undefined)).toEqual([["sealed", "looser"]]);
  expect(effects(true, { blindIndex: true })).toEqual([["blindIndex", "looser"]]);
  expect(effects({ blindIndex: true }, true)).toEqual([["blindIndex", "tighter"]]);
  expect(effects(true, { subject: "owner_id" })).toEqual([["subject", "tighter"]]);
  expect(effects({ subject: "owner_id" }, true)).toEqual([["subject", "looser"]]);
  expect(effects({ subject: "owner_id" }, { subject: "id" })).toEqual([["subject", "changed"]]);
});

test("a provider that goes is tighter, one that changes cannot be judged", () => {
  const withProviders = (providers: unknown) => policyOf(smallInputWith(["identity"], { providers }));
  const before = withProviders({ google: { clientId: "x" }, github: { clientId: "y" } });
  const changes = difference(before, withProviders({ google: { clientId: "z" } }));
  expect(changes.map(({ path, effect }) => [path, effect])).toEqual([
    ["identity.providers.google", "changed"],
    ["identity.providers.github", "tighter"],
  ]);
});

test("who trusts a provider's word about addresses is looser, and who trusts it no more is tighter", () => {
  const policyWith = (more: object) => {
    const work = { kind: "oidc", clientId: "x", issuer: "https://id.example", ...more };
    return policyOf(smallInputWith(["identity"], { providers: { work } }));
  };
  const effects = (before: object, after: object) =>
    difference(policyWith(before), policyWith(after)).map(({ effect }) => effect);
  expect(effects({}, { trustEmail: true })).toEqual(["looser"]);
  expect(effects({ trustEmail: true }, {})).toEqual(["tighter"]);
  expect(effects({}, { trustEmail: true, clientId: "y" })).toEqual(["changed"]);
});

test("a secret from another place is another one; asked for more rarely, or allowed to grow older, it is looser", () => {
  const policyWith = (stripeKey: object) => policyOf(smallInputWith(["secrets"], { stripeKey }));
  const changes = (before: object, after: object) =>
    difference(policyWith(before), policyWith(after)).map(({ path, effect }) => `${path.split(".")[2]} ${effect}`);
  const file = { source: "file", at: "/run/secrets/key" };
  expect(changes({ source: "vault" }, file)).toEqual(["source changed", "at changed"]);
  expect(changes(file, { ...file, lease: "1h" })).toEqual(["leaseSeconds looser"]);
  expect(changes(file, { ...file, rotate: "90d" })).toEqual(["rotateSeconds tighter"]);
  expect(changes({ ...file, rotate: "90d" }, { ...file, rotate: "180d" })).toEqual(["rotateSeconds looser"]);
  expect(changes({ ...file, rotate: "90d" }, file)).toEqual(["rotateSeconds looser"]);
});

test("a further prefix of numbers lets in, a first one shuts out, and none left lets everybody in", () => {
  const policyWith = (prefixes: readonly string[]) => policyOf(smallInputWith(["identity"], { phone: { prefixes } }));
  const effects = (before: readonly string[], after: readonly string[]) =>
    difference(policyWith(before), policyWith(after)).map(({ effect }) => effect);
  expect(effects(["41"], ["41", "49"])).toEqual(["looser"]);
  expect(effects(["41", "49"], ["41"])).toEqual(["tighter"]);
  expect(effects(["41"], [])).toEqual(["looser"]);
});

const route = ["services", "api", "routes", "GET /api/notes"];
const routePath = 'services.api.routes["GET /api/notes"]';

test.each([
  ["600/min", "looser"],
  ["60/min", "tighter"],
  ["600/h", "changed"],
  ["100/s", "changed"],
  ["10/h", "tighter"],
  ["120/s", "looser"],
])("a limit of 120/min changed to %s is %s", (limit, effect) => {
  expect(changesOf(route, { allow: signedIn(), limit })).toEqual([[`${routePath}.limit`, "changed", effect]]);
});

test("a route that is added or removed is a change of who may call it", () => {
  const added = 'services.api.routes["GET /api/all"].allow';
  expect(changesOf(["services", "api", "routes", "GET /api/all"], { allow: anyone() })).toEqual([
    [added, "added", "looser"],
  ]);
  expect(changesOf(["services", "api", "routes", "GET /api/all"], { allow: { kind: "nobody" } })).toEqual([
    [added, "added", "equivalent"],
  ]);
  expect(changesOf(route, undefined)).toEqual([[`${routePath}.allow`, "removed", "tighter"]]);
  expect(changesOf(["sites", "app", "pages", "/new"], signedIn())).toEqual([
    ['sites.app.pages["/new"]', "added", "looser"],
  ]);
});

test("a body schema where there was none lets more through; another schema cannot be judged", () => {
  const post = ["services", "api", "routes", "POST /api/notes"];
  const path = 'services.api.routes["POST /api/notes"]';
  const first = { allow: role("reader"), body: { type: "object" } };
  expect(changesOf(post, first)).toEqual([
    [`${path}.takesBody`, "changed", "looser"],
    [`${path}.body`, "added", "changed"],
    [`${path}.bodyBytesMax`, "changed", "looser"],
  ]);
});

const selectOf = (before: unknown, after: unknown) => {
  const place = ["tables", "notes", "select"];
  return difference(policyOf(smallInputWith(place, before)), policyOf(smallInputWith(place, after)))[0];
};

test("conditions are compared by what they mean, not by their words", () => {
  const published = column("status").is("published");
  const mine = owner("owner_id");
  expect(selectOf(any(mine, published), any(published, mine))?.effect).toBe("equivalent");
  expect(selectOf(any(mine, published), mine)?.effect).toBe("tighter");
  expect(selectOf(column("level").isMoreThan(3), column("level").isAtLeast(4))?.effect).toBe("equivalent");
  expect(selectOf(column("price").isMoreThan(3), column("price").isAtLeast(4))?.effect).toBe("tighter");
  expect(selectOf(column("status").isLessThan("b"), column("status").isAtMost("b"))?.effect).toBe("looser");
  expect(selectOf(column("day").isAtMost("2030-01-01"), column("day").isLessThan("2030-01-02"))?.effect).toBe(
    "equivalent",
  );
  expect(selectOf(column("until").isFuture(), any(column("until").isFuture(), column("until").isNull()))?.effect).toBe(
    "looser",
  );
  expect(selectOf(mine, published)?.effect).toBe("changed");
  expect(selectOf(column("status").isMoreThan("a"), column("status").isAtLeast("b"))?.effect).toBe("tighter");
  expect(selectOf(column("level").isMoreThan(3), column("level").isAtLeast(5))?.effect).toBe("tighter");
  const oneOwner = all(mine, column("owner_id").is("cccccccc-0000-4000-8000-000000000001"));
  expect(selectOf(oneOwner, { kind: "nobody" })?.effect).toBe("tighter");
});

test("where the order of constants and the present decides, every order is tried, and the witness says when", () => {
  const past = any(column("until").isFuture(), column("until").is("2020-01-01T00:00:00Z"));
  expect(selectOf(past, column("until").isFuture())?.effect).toBe("tighter");
  // Today whatever is later than 2035 lies in the future; one day it will not.
  const late = column("until").isMoreThan("2035-01-01T00:00:00Z");
  const change = selectOf(column("until").isFuture(), late);
  expect(change?.effect).toBe("changed");
  expect(change?.gained?.now).toBeGreaterThanOrEqual(Date.UTC(2035, 0, 1));
});

test("a condition over many columns is judged wholly, where trying every row would take millions", () => {
  const many = all(
    ...(["status", "level", "until", "owner_id", "team_id"] as const).map((name) => not(column(name).isNull())),
    any(column("status").isOneOf("a", "b", "c", "d", "e"), column("level").isOneOf(1, 2, 3, 4, 5, 6)),
  );
  expect(selectOf(any(many, owner("owner_id")), many)?.effect).toBe("tighter");
  expect(selectOf(many, any(many, all(many, owner("owner_id"))))?.effect).toBe("equivalent");
});

test("a gain names somebody who gains, and the row", () => {
  const change = selectOf(
    owner("owner_id"),
    any(owner("owner_id"), all(role("reader"), column("status").is("published"))),
  );
  expect(change).toMatchObject({
    effect: "looser",
    before: 'owner("owner_id")',
    after: 'any(owner("owner_id"), all(role("reader"), column("status").is("published")))',
    gained: { subject: { kind: "person" }, row: { status: "published" } },
  });
  expect(change?.lost).toBeUndefined();
});

test("a membership that is asked less is looser, one that may run out is tighter", () => {
  const tie = { column: "team_id", table: "ties", group: "team_id", subject: "user_id" } as const;
  const leads = member({ ...tie, where: { column: "kind", values: ["lead"] } });
  expect(selectOf(leads, member(tie))).toMatchObject({
    effect: "looser",
    gained: { tables: { ties: [{ kind: expect.any(String) }] } },
  });
  expect(selectOf(member(tie), member({ ...tie, until: "until" }))?.effect).toBe("tighter");
});

test("a role that includes more loosens every condition that asks for the included one", () => {
  const roles = { reader: {}, writer: { includes: ["reader"] }, admin: { includes: ["reader"], requires: "aal2" } };
  const before = { ...smallInput, roles: { ...roles, writer: {} } };
  const changes = difference(policyOf(before), policyOf({ ...smallInput, roles }));
  expect(changes.map(({ path, effect }) => [path, effect])).toEqual([
    ["roles.writer.includes", "looser"],
    ['services.api.routes["POST /api/notes"].allow', "looser"],
  ]);
  expect(changes[1]?.gained?.subject.roles).toEqual(["writer"]);
});

test("a role that needs a second factor is tighter wherever it is asked for", () => {
  const roles = { reader: { requires: "aal2" }, admin: { includes: ["reader"], requires: "aal2" } };
  const changes = difference(base, policyOf({ ...smallInput, roles }));
  expect(changes.map(({ path, effect }) => [path, effect])).toEqual([
    ["roles.reader.requires", "tighter"],
    ["roles.reader.approval", "tighter"],
    ['services.api.routes["POST /api/notes"].allow', "tighter"],
  ]);
});

test("a grant that one person may make alone is looser, and so is acting as somebody else", () => {
  const effects = (path: readonly string[], value: unknown) =>
    difference(base, policyOf(smallInputWith(path, value))).map((change) => [change.path, change.effect]);
  expect(effects(["roles", "admin", "approval"], false)).toEqual([["roles.admin.approval", "looser"]]);
  expect(effects(["roles", "reader", "approval"], true)).toEqual([["roles.reader.approval", "tighter"]]);
  expect(effects(["identity"], { impersonation: true })).toContainEqual(["identity.impersonation", "looser"]);
});

test("a column of another type makes the conditions that read it changed, and no others", () => {
  expect(changesOf(["tables", "ties", "columns", "kind"], "integer")).toEqual([
    ["tables.ties.columns.kind.type", "changed", "changed"],
  ]);
  const select = column("level").is(1);
  const notes = { ...smallInput.tables.notes, select };
  const wider = { ...notes, columns: { ...notes.columns, level: "bigint" } };
  const place = ["tables", "notes"];
  const changes = difference(policyOf(smallInputWith(place, notes)), policyOf(smallInputWith(place, wider)));
  expect(changes.map(({ path, effect }) => [path, effect])).toEqual([
    ["tables.notes.columns.level.type", "changed"],
    ["tables.notes.select", "changed"],
  ]);
});
