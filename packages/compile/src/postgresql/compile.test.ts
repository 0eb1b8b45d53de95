import {
  all,
  any,
  anyone,
  type Condition,
  column,
  defineSecurity,
  member,
  nobody,
  not,
  owner,
  type Policy,
  role,
  signedIn,
} from "@holdfast/policy";
import { describe, expect, test } from "vitest";
import { policyWith } from "../../testdata/differential/policies.ts";
import { compilePostgres } from "./compile.ts";

const closed = { select: nobody(), insert: nobody(), update: nobody(), delete: nobody() };

function itemOf(on: Partial<Record<"select" | "insert" | "update" | "delete", Condition>>) {
  const [item] = compilePostgres(policyWith({ ...closed, ...on })).tables;
  return item as NonNullable<typeof item>;
}

function withName(name: string, schema = "public"): Policy {
  const policy = policyWith({ ...closed, select: owner("owner_id") });
  return { ...policy, tables: { item: { ...(policy.tables.item as Policy["tables"][string]), name, schema } } };
}

describe("rights", () => {
  test("an action that nobody may do has neither a policy nor a right", () => {
    expect(itemOf({})).toMatchObject({ policies: [], grants: [] });
  });

  test("anon gets a policy and a right only where the condition can hold for somebody who is not signed in", () => {
    const rolesFor = (select: Condition) => itemOf({ select }).policies.flatMap(({ roles }) => roles);
    expect(rolesFor(anyone())).toEqual(["anon", "authenticated"]);
    expect(rolesFor(signedIn())).toEqual(["authenticated"]);
    expect(rolesFor(not(signedIn()))).toEqual(["anon"]);
    expect(rolesFor(owner("owner_id"))).toEqual(["authenticated"]);
    expect(rolesFor(not(owner("owner_id")))).toEqual(["authenticated"]);
    expect(rolesFor(any(owner("owner_id"), column("flag").is(true)))).toEqual(["anon", "authenticated"]);
    expect(rolesFor(all(role("admin"), column("flag").is(true)))).toEqual(["authenticated"]);
    expect(rolesFor(all(nobody(), column("flag").is(true)))).toEqual([]);
  });

  test("a read-only column may be read but neither inserted nor updated", () => {
    const policy = defineSecurity({
      application: { name: "rights", origin: "https://localhost:8443" },
      roles: { admin: { requires: "aal2" } },
      tables: {
        note: {
          columns: { id: { type: "uuid", writable: false }, owner_id: "uuid" },
          select: owner("owner_id"),
          insert: owner("owner_id"),
          update: owner("owner_id"),
          delete: owner("owner_id"),
        },
      },
    });
    const grants = compilePostgres(policy).tables[0]?.grants.map(({ action, columns }) => [action, columns]);
    expect(grants).toEqual([
      ["select", ["id", "owner_id"]],
      ["insert", ["owner_id"]],
      ["update", ["owner_id"]],
      ["delete", null],
    ]);
  });
});

describe("update and delete", () => {
  test("a condition that implies select is compiled alone, another one together with it", () => {
    const select = any(owner("owner_id"), column("flag").is(true));
    const own = itemOf({ select, update: owner("owner_id") }).policies.find(({ action }) => action === "update");
    expect(own?.using).not.toContain("flag");
    expect(own?.check).toBe(own?.using);
    const other = itemOf({ select, update: owner("team_id") }).policies.find(({ action }) => action === "update");
    expect(other?.using).toContain("flag");
  });
});

describe("indexes", () => {
  test("owner and set columns, and inside any() also compared ones, are indexed; the primary key has its own", () => {
    const inTeam = member({ column: "team_id", table: "membership", group: "team_id", subject: "user_id" });
    const shared = member({ column: "id", table: "membership", group: "team_id", subject: "user_id" });
    const artifact = compilePostgres(
      policyWith({
        ...closed,
        select: any(owner("owner_id"), inTeam, shared, column("status").is("a"), not(column("day").is("2001-01-01"))),
      }),
    );
    expect(artifact.tables.map(({ indexes }) => indexes.map(({ columns }) => columns))).toEqual([
      [["owner_id"], ["status"], ["team_id"]],
      [["user_id", "team_id"]],
    ]);
  });

  test("a long name is cut to 63 bytes and kept apart by a hash", () => {
    const names = ["a", "b"].map(
      (end) => compilePostgres(withName("t".repeat(62) + end)).tables[0]?.indexes[0]?.name ?? "",
    );
    expect(names.map((name) => name.length)).toEqual([63, 63]);
    expect(names[0]).not.toBe(names[1]);
  });
});

describe("columns that tie a row to its writer", () => {
  const inTeam = member({ column: "team_id", table: "membership", group: "team_id", subject: "user_id" });
  const tied = (on: Parameters<typeof itemOf>[0]) => itemOf({ select: signedIn(), ...on }).tied;

  test("a column is tied where each way to write a row asks for the writer's id, group, or nothing in it", () => {
    expect(tied({ insert: owner("owner_id") })).toEqual(["owner_id"]);
    expect(tied({ insert: all(owner("owner_id"), any(column("team_id").isNull(), inTeam)) })).toEqual([
      "owner_id",
      "team_id",
    ]);
    expect(tied({ insert: owner("owner_id"), update: owner("owner_id") })).toEqual(["owner_id"]);
  });

  test("it is not tied where one way leaves it free", () => {
    expect(tied({ insert: any(owner("owner_id"), inTeam) })).toEqual([]);
    expect(tied({ insert: any(owner("owner_id"), role("admin")) })).toEqual([]);
    expect(tied({ insert: owner("owner_id"), update: inTeam })).toEqual([]);
    expect(tied({ insert: not(owner("owner_id")) })).toEqual([]);
  });
});

describe("what does not compile", () => {
  test.each(["pg_temp", "information_schema", "auth", "holdfast", "holdfast_set", "platform"])(
    "a table in the schema %s",
    (schema) => {
      expect(() => compilePostgres(withName("item", schema))).toThrow(
        expect.objectContaining({ code: "compile/reserved-schema" }),
      );
      expect(compilePostgres(withName("item", "app")).schemas).toEqual(["app"]);
    },
  );
});
