import { type Context, evaluate, maskRow, type Row, type Subject, type TableAction } from "@holdfast/policy";
import { expect, test } from "vitest";
import policy from "./security.ts";

const ada = "aaaaaaaa-0000-4000-8000-000000000001";
const bob = "aaaaaaaa-0000-4000-8000-000000000002";
const team = "bbbbbbbb-0000-4000-8000-000000000001";
const piece = "cccccccc-0000-4000-8000-000000000001";
const now = Date.UTC(2030, 0, 1);

const person = (
  id: string,
  roles: readonly string[] = ["reader"],
  assurance: Subject["assurance"] = "aal1",
): Subject => ({
  id,
  kind: "person",
  roles,
  assurance,
  sessionId: null,
});
const nobody: Subject = { id: null, kind: "anonymous", roles: [], assurance: "aal1", sessionId: null };
const draft: Row = { id: piece, owner_id: ada, team_id: null, status: "draft" };
const inTeam: Row = { ...draft, team_id: team };

const contextWith = (
  tables: Partial<Record<"memberships" | "shares" | "teams" | "content", readonly Row[]>> = {},
): Context => ({
  now,
  tables: { memberships: [], shares: [], teams: [], content: [], ...tables },
});

function may(subject: Subject, operation: TableAction, row: Row, context = contextWith(), table = "content"): boolean {
  return evaluate(policy, subject, { kind: "table", table, operation }, { row, newRow: row }, context).allowed;
}

test("a draft is seen by its owner and by editors, and by nobody else", () => {
  expect(may(person(ada), "select", draft)).toBe(true);
  expect(may(person(bob, ["editor"]), "select", draft)).toBe(true);
  expect(may(person(bob), "select", draft)).toBe(false);
  expect(may(nobody, "select", draft)).toBe(false);
});

test("what is published is seen by everybody", () => {
  expect(may(nobody, "select", { ...draft, status: "published" })).toBe(true);
});

test("members of the team and those it was shared with see a draft until their time is over", () => {
  const membership = (until: string | null) =>
    contextWith({ memberships: [{ team_id: team, user_id: bob, role: "member", until }] });
  expect(may(person(bob), "select", inTeam, membership(null))).toBe(true);
  expect(may(person(bob), "select", inTeam, membership("2029-12-31T00:00:00Z"))).toBe(false);
  const share = (until: string) => contextWith({ shares: [{ content_id: piece, user_id: bob, until }] });
  expect(may(person(bob), "select", draft, share("2030-01-02T00:00:00Z"))).toBe(true);
  expect(may(person(bob), "select", draft, share("2030-01-01T00:00:00Z"))).toBe(false);
});

test("only readers write, only their own, and only into their own teams", () => {
  expect(may(person(ada), "insert", draft)).toBe(true);
  expect(may(person(ada, []), "insert", draft)).toBe(false);
  expect(may(person(bob), "insert", draft)).toBe(false);
  expect(may(person(ada), "insert", inTeam)).toBe(false);
  expect(may(person(bob, ["editor"]), "update", draft)).toBe(false);
});

test("an administrator deletes what they can see, after a second factor", () => {
  const published = { ...draft, status: "published" };
  expect(may(person(bob, ["admin"], "aal2"), "delete", published)).toBe(true);
  expect(may(person(bob, ["admin"]), "delete", published)).toBe(false);
});

test("the owner of a team makes its first member, and a lead the next ones", () => {
  const membership = { team_id: team, user_id: bob, role: "member", until: null };
  const owned = contextWith({ teams: [{ id: team, owner_id: ada }] });
  expect(may(person(ada), "insert", membership, owned, "memberships")).toBe(true);
  expect(may(person(bob), "insert", membership, owned, "memberships")).toBe(false);
  const led = contextWith({ memberships: [{ team_id: team, user_id: bob, role: "lead", until: null }] });
  expect(may(person(bob), "insert", membership, led, "memberships")).toBe(true);
});

test("only the owner of content shares it", () => {
  const share = { content_id: piece, user_id: bob, until: null };
  const owned = contextWith({ content: [{ id: piece, owner_id: ada }] });
  expect(may(person(ada), "insert", share, owned, "shares")).toBe(true);
  expect(may(person(bob), "insert", share, owned, "shares")).toBe(false);
});

test("only the owner of content notes something about it, and nobody but the author reads that", () => {
  const note = { id: piece, content_id: piece, owner_id: bob, body: "x" };
  const owned = contextWith({ content: [{ id: piece, owner_id: ada }] });
  expect(may(person(ada), "insert", { ...note, owner_id: ada }, owned, "notes")).toBe(true);
  expect(may(person(ada), "insert", note, owned, "notes")).toBe(false);
  expect(may(person(bob), "insert", note, owned, "notes")).toBe(false);
  expect(may(person(ada, ["admin"]), "select", note, owned, "notes")).toBe(false);
  expect(may(person(bob), "select", note, owned, "notes")).toBe(true);
});

test("pages send visitors to sign in, and those without the role to the page for the unauthorised", () => {
  const page = (subject: Subject, name: string) =>
    evaluate(policy, subject, { kind: "page", site: "app", page: name }, {}, contextWith());
  expect(page(nobody, "/account")).toEqual({ allowed: false, reason: "not-signed-in" });
  expect(page(person(ada), "/editors")).toEqual({ allowed: false, reason: "not-allowed" });
  expect(page(person(ada, ["editor"]), "/editors")).toEqual({ allowed: true });
});

test("the address of a text is shown to its owner and to editors, and masked for everybody else", () => {
  const row: Row = { ...draft, status: "published", contact: "ada@example.com" };
  const shown = (who: Subject): unknown => maskRow(policy, "content", who, row, contextWith())["contact"];
  expect([shown(person(ada)), shown(person(bob, ["editor"]))]).toEqual(["ada@example.com", "ada@example.com"]);
  expect([shown(person(bob)), shown(nobody)]).toEqual(["a***@example.com", "a***@example.com"]);
});
