import { describe, expect, test } from "vitest";
import {
  aal2,
  all,
  any,
  anyone,
  column,
  member,
  nobody,
  not,
  owner,
  role,
  service,
  signedIn,
} from "./build-condition.ts";
import type { Condition } from "./condition.ts";
import type { Action, Context, Resource, Row, Subject } from "./decision.ts";
import { checkSecurity } from "./define-security.ts";
import { evaluate } from "./evaluate.ts";
import type { Policy, TableAction } from "./policy.ts";
import { anonymous, subjectFromClaims } from "./subject.ts";
import { smallInput, smallInputWith } from "./testing/small-input.ts";
import { truth } from "./truth.ts";

const me = "aaaaaaaa-0000-4000-8000-000000000001";
const other = "aaaaaaaa-0000-4000-8000-000000000002";
const team = "bbbbbbbb-0000-4000-8000-000000000001";
const context: Context = { now: Date.UTC(2030, 0, 1), tables: { ties: [] } };

const person = (roles: readonly string[] = [], assurance: Subject["assurance"] = "aal1"): Subject => ({
  id: me,
  kind: "person",
  roles,
  assurance,
  sessionId: null,
});
const program: Subject = { ...anonymous, kind: "service" };

function policyOf(input: unknown): Policy {
  const checked = checkSecurity(input);
  if ("issues" in checked) throw new Error(JSON.stringify(checked.issues));
  return checked.policy;
}

const policy = policyOf(smallInput);
const of = (condition: Condition, row: Row, subject: Subject = person(), when: Context = context) =>
  truth(policy, condition, subject, { table: "notes", row }, when);

describe("the subject", () => {
  test("anyone is everybody and nobody is nobody", () => {
    for (const subject of [anonymous, person(), program]) {
      expect(truth(policy, anyone(), subject, null, context)).toBe(true);
      expect(truth(policy, nobody(), subject, null, context)).toBe(false);
    }
  });

  test("signed in means a person, not a program", () => {
    expect([anonymous, person(), program].map((subject) => truth(policy, signedIn(), subject, null, context))).toEqual([
      false,
      true,
      false,
    ]);
  });

  test("the service key opens routes and never rows", () => {
    expect(truth(policy, service(), program, null, context)).toBe(true);
    expect(of(service(), {}, program)).toBe(false);
    expect(truth(policy, service(), person(["admin"], "aal2"), null, context)).toBe(false);
  });

  test("a role is held directly and through a role that includes it", () => {
    expect(truth(policy, role("reader"), person(["reader"]), null, context)).toBe(true);
    expect(truth(policy, role("admin"), person(["reader"], "aal2"), null, context)).toBe(false);
    expect(truth(policy, role("reader"), person(["admin"], "aal2"), null, context)).toBe(true);
  });

  test("a role that requires a second factor gives nothing without it, not even the roles it includes", () => {
    expect(truth(policy, role("admin"), person(["admin"]), null, context)).toBe(false);
    expect(truth(policy, role("reader"), person(["admin"]), null, context)).toBe(false);
    expect(truth(policy, role("reader"), person(["admin", "reader"]), null, context)).toBe(true);
  });

  test("roles that the policy does not know, and names every object has, count for nothing", () => {
    for (const name of ["root", "constructor", "__proto__", "toString"]) {
      expect(truth(policy, { kind: "role", role: name }, person([name], "aal2"), null, context)).toBe(false);
    }
  });

  test("only a person has roles, assurance or rows", () => {
    const masked: Subject = { id: me, kind: "anonymous", roles: ["admin"], assurance: "aal2", sessionId: null };
    expect(truth(policy, any(role("reader"), aal2(), signedIn()), masked, null, context)).toBe(false);
    expect(of(owner("owner_id"), { owner_id: me }, masked)).toBeNull();
  });
});

describe("the row", () => {
  test("an owner is compared without regard to the case of the uuid", () => {
    expect(of(owner("owner_id"), { owner_id: me.toUpperCase() })).toBe(true);
    expect(of(owner("owner_id"), { owner_id: other })).toBe(false);
    expect(of(owner("owner_id"), { owner_id: null })).toBeNull();
    expect(of(owner("owner_id"), { owner_id: me }, anonymous)).toBeNull();
    expect(of(not(owner("owner_id")), { owner_id: me }, anonymous)).toBeNull();
  });

  test("a comparison with null is unknown, and so is its negation", () => {
    for (const condition of [
      column("status").is("a"),
      column("status").isNot("a"),
      column("status").isOneOf("a", "b"),
    ]) {
      expect(of(condition, { status: null })).toBeNull();
      expect(of(not(condition), { status: null })).toBeNull();
    }
    expect(of(column("status").isNull(), { status: null })).toBe(true);
    expect(of(column("status").isNull(), { status: "" })).toBe(false);
  });

  test("a column that the row does not carry is unknown, even to isNull", () => {
    expect(of(column("status").isNull(), {})).toBeNull();
    expect(of(not(column("status").isNull()), {})).toBeNull();
  });

  test("text goes by code points, so that U+10000 comes after U+FFFD", () => {
    expect(of(column("status").isMoreThan("\uFFFD"), { status: "\u{10000}" })).toBe(true);
    expect(of(column("status").isLessThan("a"), { status: "B" })).toBe(true);
    expect(of(column("status").isMoreThan("a"), { status: "ab" })).toBe(true);
  });

  test("numbers are compared by value, beyond what a JavaScript number holds", () => {
    expect(of(column("price").is("0.50"), { price: 0.5 })).toBe(true);
    expect(of(column("price").isMoreThan("0.1"), { price: "0.10000000000000000000000000000001" })).toBe(true);
    expect(of(column("price").isMoreThan("999999"), { price: "NaN" })).toBe(true);
    expect(of(column("size").isMoreThan("9007199254740992"), { size: "9007199254740993" })).toBe(true);
    expect(of(column("level").is(1), { level: "1" })).toBeNull();
  });

  test("moments are compared to the microsecond and across zones", () => {
    expect(of(column("until").is("2030-01-01T00:00:00Z"), { until: "2030-01-01 01:00:00+01" })).toBe(true);
    expect(of(column("until").isFuture(), { until: "2030-01-01T00:00:00.000001Z" })).toBe(true);
    expect(of(column("until").isFuture(), { until: "2030-01-01T00:00:00Z" })).toBe(false);
    expect(of(column("until").isPast(), { until: "2030-01-01T00:00:00Z" })).toBe(true);
    expect(of(column("until").isPast(), { until: "infinity" })).toBe(false);
    expect(of(column("until").isPast(), { until: "yesterday" })).toBeNull();
    expect(of(column("until").isPast(), { until: "2020-01-01T00:00:00Z" }, person(), { now: Number.NaN })).toBeNull();
  });

  test("a value of another type than the column's is unknown", () => {
    for (const status of [1, true]) expect(of(column("status").isNot("a"), { status })).toBeNull();
    expect(of(column("hidden").is(false), { hidden: "false" })).toBeNull();
    expect(of(column("day").is("2030-01-01"), { day: "2030-1-1" })).toBeNull();
  });
});

describe("membership", () => {
  const inTeam = member({ column: "team_id", table: "ties", group: "team_id", subject: "user_id" });
  const leads = member({ ...inTeam, where: { column: "kind", values: ["lead"] }, until: "until" });
  const withTies = (...ties: Row[]): Context => ({ ...context, tables: { ties } });
  const tie = { team_id: team, user_id: me, kind: "lead", until: null };

  test("counts rows that name the subject and the group", () => {
    expect(of(inTeam, { team_id: team }, person(), withTies(tie))).toBe(true);
    expect(of(inTeam, { team_id: team }, person(), withTies({ ...tie, user_id: other }))).toBe(false);
    expect(of(inTeam, { team_id: other }, person(), withTies(tie))).toBe(false);
    expect(of(inTeam, { team_id: team }, person(), withTies())).toBe(false);
  });

  test("needs `where` to match and `until` to lie ahead or be null", () => {
    expect(of(leads, { team_id: team }, person(), withTies(tie))).toBe(true);
    expect(of(leads, { team_id: team }, person(), withTies({ ...tie, kind: "member" }))).toBe(false);
    expect(of(leads, { team_id: team }, person(), withTies({ ...tie, kind: null }))).toBe(false);
    expect(of(leads, { team_id: team }, person(), withTies({ ...tie, until: "2030-01-01T00:00:00Z" }))).toBe(false);
    expect(of(leads, { team_id: team }, person(), withTies({ ...tie, until: "2030-01-01T00:00:01Z" }))).toBe(true);
  });

  test("of a null column is unknown where the subject is in some group, and false where in none", () => {
    expect(of(inTeam, { team_id: null }, person(), withTies(tie))).toBeNull();
    expect(of(inTeam, { team_id: null }, person(), withTies())).toBe(false);
    expect(of(inTeam, { team_id: null }, person(), withTies({ ...tie, team_id: null }))).toBe(false);
  });

  test("of somebody not signed in is false", () => {
    expect(of(inTeam, { team_id: null }, anonymous, withTies(tie))).toBe(false);
    expect(of(not(inTeam), { team_id: team }, anonymous, withTies(tie))).toBe(true);
  });

  test("is unknown where the other table, or a column of it, was not given", () => {
    expect(of(inTeam, { team_id: team }, person(), { now: 0 })).toBeNull();
    expect(of(inTeam, { team_id: team }, person(), withTies({ team_id: team }))).toBeNull();
    expect(of(leads, { team_id: team }, person(), withTies({ ...tie, user_id: other }, { team_id: team }))).toBeNull();
  });
});

describe("a decision", () => {
  const mine = { id: other, owner_id: me, status: "draft" };
  const theirs = { id: other, owner_id: other, status: "draft" };
  const rules: Partial<Record<TableAction, Condition>> = {
    select: any(owner("owner_id"), column("status").is("public")),
    insert: owner("owner_id"),
    update: owner("owner_id"),
    delete: any(owner("owner_id"), all(role("admin"), aal2())),
  };
  const guarded = policyOf(smallInputWith(["tables", "notes"], { ...smallInput.tables.notes, ...rules }));
  const decide = (operation: TableAction, resource: Resource, subject: Subject = person(), returning = false) => {
    const action: Action = { kind: "table", table: "notes", operation, returning };
    const decision = evaluate(guarded, subject, action, resource, context);
    return decision.allowed ? "allowed" : decision.reason;
  };

  test("names the reason of a refusal", () => {
    const route = (name: string, subject: Subject, service = "api") => {
      const decision = evaluate(policy, subject, { kind: "route", service, route: name }, {}, context);
      return decision.allowed ? "allowed" : decision.reason;
    };
    expect(route("POST /api/notes", person(["reader"]))).toBe("allowed");
    expect(route("POST /api/notes", anonymous)).toBe("not-signed-in");
    expect(route("POST /api/notes", person())).toBe("not-allowed");
    expect(route("POST /api/notes", person(["admin"]))).toBe("second-factor-required");
    expect(route("POST /api/notes", program)).toBe("not-allowed");
    expect(route("GET /nothing", person())).toBe("not-named");
    expect(route("constructor", person())).toBe("not-named");
    expect(route("GET /api/notes", person(), "__proto__")).toBe("not-named");
  });

  test("about pages follows the same words", () => {
    const page = (name: string, subject: Subject) =>
      evaluate(policy, subject, { kind: "page", site: "console", page: name }, {}, context);
    expect(page("/console", anonymous)).toEqual({ allowed: false, reason: "not-signed-in" });
    expect(page("/console", person(["admin"]))).toEqual({ allowed: false, reason: "second-factor-required" });
    expect(page("/console", person(["admin"], "aal2"))).toEqual({ allowed: true });
    expect(page("/console/secret", person(["admin"], "aal2"))).toEqual({ allowed: false, reason: "not-named" });
  });

  test("to read needs the row", () => {
    expect(decide("select", { row: mine })).toBe("allowed");
    expect(decide("select", { row: theirs })).toBe("not-allowed");
    expect(decide("select", {})).toBe("not-allowed");
    expect(decide("select", { row: theirs }, anonymous)).toBe("not-signed-in");
    expect(decide("select", { row: { ...theirs, status: "public" } }, anonymous)).toBe("allowed");
  });

  test("to insert asks about the new row, and with RETURNING also whether it may be read", () => {
    expect(decide("insert", { newRow: mine })).toBe("allowed");
    expect(decide("insert", { newRow: theirs })).toBe("not-allowed");
    const blind = policyOf(smallInputWith(["tables", "notes", "insert"], column("status").is("draft")));
    const insert = (returning: boolean) =>
      evaluate(
        blind,
        person(),
        { kind: "table", table: "notes", operation: "insert", returning },
        { newRow: theirs },
        context,
      ).allowed;
    expect([insert(false), insert(true)]).toEqual([true, false]);
  });

  test("to update asks about the row before and after, for reading and for writing", () => {
    expect(decide("update", { row: mine, newRow: mine })).toBe("allowed");
    expect(decide("update", { row: mine, newRow: theirs })).toBe("not-allowed");
    expect(decide("update", { row: theirs, newRow: mine })).toBe("not-allowed");
    expect(decide("update", { row: mine })).toBe("not-allowed");
    const soft = policyOf(
      smallInputWith(["tables", "notes"], {
        ...smallInput.tables.notes,
        select: all(owner("owner_id"), column("hidden").is(false)),
        update: owner("owner_id"),
      }),
    );
    const hide = { row: { ...mine, hidden: false }, newRow: { ...mine, hidden: true } };
    // Soft deletion: the row would become invisible to its own writer, and PostgreSQL refuses (42501).
    expect(
      evaluate(soft, person(), { kind: "table", table: "notes", operation: "update" }, hide, context).allowed,
    ).toBe(false);
  });

  test("to delete needs to see the row as well", () => {
    expect(decide("delete", { row: mine })).toBe("allowed");
    expect(decide("delete", { row: theirs }, person(["admin"], "aal2"))).toBe("not-allowed");
    expect(decide("delete", { row: { ...theirs, status: "public" } }, person(["admin"], "aal2"))).toBe("allowed");
    expect(decide("delete", { row: { ...theirs, status: "public" } }, person(["admin"]))).toBe(
      "second-factor-required",
    );
  });

  test("about what is no action at all is a refusal", () => {
    for (const action of [
      { kind: "table", table: "notes", operation: "truncate" },
      { kind: "table", table: "constructor", operation: "select" },
      { kind: "file" },
    ]) {
      expect(evaluate(policy, person(), action as never, {}, context)).toEqual({ allowed: false, reason: "not-named" });
    }
    expect(truth(policy, { kind: "userMetadata" } as never, person(), null, context)).toBeNull();
  });
});

describe("the subject of claims", () => {
  const claims = {
    role: "authenticated",
    sub: me.toUpperCase(),
    aal: "aal2",
    session_id: other,
    app_metadata: { roles: ["b", "a", "a", 7] },
  };

  test("is a person with the roles of app_metadata", () => {
    expect(subjectFromClaims(claims)).toEqual({
      id: me,
      kind: "person",
      roles: ["a", "b"],
      assurance: "aal2",
      sessionId: other,
    });
  });

  test("takes nothing from user_metadata or from a top-level role list", () => {
    const forged = {
      ...claims,
      app_metadata: {},
      roles: ["admin"],
      user_metadata: { roles: ["admin"], aal: "aal2" },
      aal: undefined,
    };
    expect(subjectFromClaims(forged)).toMatchObject({ roles: [], assurance: "aal1" });
  });

  test("is the service for a service key only", () => {
    expect(subjectFromClaims({ role: "service_role" })).toEqual({ ...anonymous, kind: "service" });
    expect(subjectFromClaims({ role: "service_role", sub: me })).toEqual(anonymous);
  });

  test("is anonymous for everything else", () => {
    for (const strange of [
      null,
      undefined,
      "x",
      [],
      {},
      { role: "anon" },
      { ...claims, sub: "1" },
      { ...claims, role: "admin" },
      { ...claims, role: undefined },
    ]) {
      expect(subjectFromClaims(strange)).toEqual(anonymous);
    }
    for (const roles of ["admin", { 0: "admin" }, Array.from({ length: 65 }, () => "admin")]) {
      expect(subjectFromClaims({ ...claims, app_metadata: { roles } }).roles).toEqual([]);
    }
  });
});
