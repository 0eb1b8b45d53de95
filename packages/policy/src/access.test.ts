// Who can do what is worked out a second time here: by asking `evaluate` about rows.
import fc from "fast-check";
import { expect, test } from "vitest";
import { rightsOf, unmaskedRightsOf } from "./access.ts";
import { aal2, all, any, column, member, nobody, not, owner, role, signedIn } from "./build-condition.ts";
import { defineSecurity } from "./define-security.ts";
import { evaluate } from "./evaluate.ts";
import { anonymous } from "./subject.ts";

const policy = defineSecurity({
  application: { name: "notes", origin: "https://localhost:8443" },
  roles: { reader: {}, editor: { includes: ["reader"] }, admin: { includes: ["editor"], requires: "aal2" } },
  tables: {
    notes: {
      columns: { id: "uuid", owner_id: "uuid", team_id: "uuid", status: "text", level: "integer" },
      select: any(owner("owner_id"), column("status").is("published"), role("editor")),
      insert: all(signedIn(), owner("owner_id"), column("status").isOneOf("draft", "published")),
      update: any(
        owner("owner_id"),
        member({ column: "team_id", table: "ties", group: "team_id", subject: "user_id" }),
      ),
      delete: any(all(owner("owner_id"), not(column("level").isMoreThan(3))), all(role("admin"), aal2())),
    },
    ties: { columns: { id: "uuid", team_id: "uuid", user_id: "uuid" }, select: nobody() },
  },
  services: {
    api: { routes: { "GET /api/notes": { allow: signedIn() }, "POST /api/notes": { allow: role("reader") } } },
  },
});

const right = (roles: readonly string[] | null, action: string) => {
  const found = rightsOf(policy, roles).find((each) => each.action === action);
  if (found === undefined) throw new Error(`nothing is said about ${action}`);
  const { kind: _, action: __, ...rest } = found;
  return rest;
};

test("each right names the place in the policy that decides, and the part of it", () => {
  expect(right(["editor"], "POST /api/notes")).toEqual({
    outcome: "allowed",
    secondFactor: false,
    path: 'services.api.routes["POST /api/notes"].allow',
    because: 'role("reader")',
    condition: "",
  });
  expect(right([], "POST /api/notes")).toMatchObject({ outcome: "refused", because: 'role("reader")' });
  expect(right(["editor"], "notes.select")).toMatchObject({ outcome: "allowed", because: 'role("editor")' });
  expect(right([], "ties.select")).toMatchObject({
    outcome: "refused",
    path: "tables.ties.select",
    because: "nobody()",
  });
});

test("what depends on the row is a sentence, and a change needs the right to read as well", () => {
  expect(right(["reader"], "notes.select")).toMatchObject({
    outcome: "conditional",
    condition: 'owner_id is their own id, or status is "published"',
  });
  expect(right(["reader"], "notes.insert").condition).toBe(
    'owner_id is their own id, and status is one of "draft", "published"',
  );
  expect(right(["editor"], "notes.update")).toMatchObject({
    path: "tables.notes.update",
    condition: "owner_id is their own id, or ties names them for its team_id",
  });
  expect(right(["reader"], "notes.update").condition).toContain("; and owner_id is their own id, or status is");
});

test("a right that needs a second factor says so", () => {
  expect(right(["admin"], "notes.delete")).toMatchObject({ outcome: "allowed", secondFactor: true });
  expect(right(["admin"], "POST /api/notes")).toMatchObject({ outcome: "allowed", secondFactor: true });
  expect(right(["reader"], "notes.delete")).toMatchObject({
    outcome: "conditional",
    secondFactor: false,
    condition:
      'owner_id is their own id, and it is not so that level is more than 3; and owner_id is their own id, or status is "published"',
  });
});

test("nobody who is signed in owns nothing, and reads what the row alone allows", () => {
  expect(right(null, "notes.select")).toMatchObject({
    outcome: "conditional",
    path: "tables.notes.select",
    condition: 'status is "published"',
  });
  expect(right(null, "notes.insert")).toMatchObject({ outcome: "refused", because: "signedIn()" });
  expect(right(null, "notes.update")).toMatchObject({ outcome: "refused", path: "tables.notes.update" });
});

test("who reads a masked column unmasked is named with the line that says so", () => {
  const masking = defineSecurity({
    application: { name: "letters", origin: "https://localhost:8443" },
    roles: { reader: {}, admin: { requires: "aal2" } },
    tables: {
      letters: {
        columns: { id: "uuid", address: { type: "text", masked: "email", unmaskedFor: role("admin") } },
        select: signedIn(),
      },
    },
    services: {},
  });
  const unmasked = (roles: readonly string[] | null) => unmaskedRightsOf(masking, "letters", roles);
  expect(unmasked(["admin"])).toEqual([
    {
      kind: "column",
      action: "letters.address",
      outcome: "allowed",
      secondFactor: true,
      path: "tables.letters.columns.address.unmaskedFor",
      because: 'role("admin")',
      condition: "",
    },
  ]);
  for (const roles of [["reader"], null]) expect(unmasked(roles)).toMatchObject([{ outcome: "refused" }]);
});

const me = "11111111-1111-4111-8111-111111111111";
const other = "22222222-2222-4222-8222-222222222222";
const row = fc.record({
  id: fc.constant(me),
  owner_id: fc.constantFrom(me, other),
  team_id: fc.constantFrom(me, other),
  status: fc.constantFrom("draft", "published", "gone"),
  level: fc.integer({ min: 0, max: 6 }),
});

test("what is called allowed or refused is so for every row, as evaluate decides", () => {
  fc.assert(
    fc.property(
      fc.subarray(["reader", "editor", "admin"]),
      fc.constantFrom("aal1" as const, "aal2" as const),
      fc.constantFrom("select" as const, "insert" as const, "update" as const, "delete" as const),
      row,
      (roles, assurance, operation, cells) => {
        const found = rightsOf(policy, roles).find((each) => each.action === `notes.${operation}`);
        const subject = { id: me, kind: "person", roles, assurance, sessionId: null } as const;
        const action = { kind: "table", table: "notes", operation } as const;
        const { allowed } = evaluate(
          policy,
          subject,
          action,
          { row: cells, newRow: cells },
          { now: 0, tables: { ties: [] } },
        );
        const counts = found?.secondFactor === false || assurance === "aal2";
        if (found?.outcome === "allowed" && counts) expect(allowed).toBe(true);
        if (found?.outcome === "refused") expect(allowed).toBe(false);
        if (!counts && found?.outcome === "conditional") expect(allowed).toBe(false);
      },
    ),
  );
});

test("of nobody who is signed in the same is true", () => {
  const odd = defineSecurity({
    application: { name: "odd", origin: "https://localhost:8443" },
    roles: { admin: { requires: "aal2" } },
    tables: {
      notes: {
        columns: { id: "uuid", owner_id: "uuid", team_id: "uuid", status: "text", level: "integer" },
        select: any(not(owner("owner_id")), column("status").is("published")),
        update: not(any(owner("owner_id"), column("status").is("gone"))),
        delete: all(column("level").isMoreThan(3), not(signedIn())),
      },
    },
    services: {},
  });
  fc.assert(
    fc.property(
      fc.constantFrom(policy, odd),
      fc.constantFrom("select" as const, "insert" as const, "update" as const, "delete" as const),
      row,
      (tried, operation, cells) => {
        const found = rightsOf(tried, null).find((each) => each.action === `notes.${operation}`);
        const action = { kind: "table", table: "notes", operation } as const;
        const resource = { row: cells, newRow: cells };
        const { allowed } = evaluate(tried, anonymous, action, resource, { now: 0, tables: { ties: [] } });
        if (found?.outcome === "allowed") expect(allowed).toBe(true);
        if (found?.outcome === "refused") expect(allowed).toBe(false);
      },
    ),
  );
});
