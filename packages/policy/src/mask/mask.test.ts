import { expect, test } from "vitest";
import { any, owner, role } from "../build-condition.ts";
import { checkSecurity } from "../define-security.ts";
import { difference } from "../difference/difference.ts";
import type { Policy } from "../policy.ts";
import { subjectFromClaims } from "../subject.ts";
import { smallInputWith } from "../testing/small-input.ts";
import { maskValue } from "./mask.ts";
import { maskRow } from "./mask-row.ts";

const ada = "aaaaaaaa-0000-4000-8000-000000000001";
const claims = { sub: ada, role: "authenticated", aal: "aal1", app_metadata: { roles: [] } };

function policyWith(status: unknown): Policy {
  const checked = checkSecurity(smallInputWith(["tables", "notes", "columns", "status"], status));
  if ("issues" in checked) throw new Error(JSON.stringify(checked.issues));
  return checked.policy;
}

const masked = policyWith({ type: "text", masked: "email", unmaskedFor: any(owner("owner_id"), role("admin")) });

test.each([
  ["email", "text", "ada@example.com", "a***@example.com"],
  ["email", "text", "@example.com", "***"],
  ["email", "text", "no address", "***"],
  ["email", "text", 'a"@"b@example.com', "a***@example.com"],
  ["email", "text", "🔒key@example.com", "🔒***@example.com"],
  ["last4", "text", "4111111111111111", "***1111"],
  ["last4", "text", "1234567", "***"],
  ["redact", "text", "anything", "[redacted]"],
  ["redact", "integer", 7, null],
  ["year", "date", "1971-06-05", "1971-01-01"],
  ["year", "timestamptz", "2029-12-31T23:30:00-05:00", "2030-01-01T00:00:00Z"],
  ["year", "date", "infinity", null],
  ["year", "date", "anything", null],
  ["email", "text", null, null],
] as const)("%s of a %s shows %j as %j", (mask, type, value, shown) => {
  expect(maskValue(mask, type, value)).toBe(shown);
});

test("a row shows its masked columns to whom the policy says, and to nobody else", () => {
  const mine = { id: ada, owner_id: ada, status: "ada@example.com" };
  const person = subjectFromClaims(claims);
  expect(maskRow(masked, "notes", person, mine, { now: 0 })).toEqual(mine);
  const other = { ...mine, owner_id: "bbbbbbbb-0000-4000-8000-000000000001" };
  expect(maskRow(masked, "notes", person, other, { now: 0 })["status"]).toBe("a***@example.com");
  // A row that lacks what the condition asks stays masked.
  expect(maskRow(masked, "notes", person, { status: mine.status }, { now: 0 })).toEqual({ status: "a***@example.com" });
  expect(maskRow(masked, "nowhere", person, mine, { now: 0 })).toEqual({});
});

test("without a mask the same row is shown to everybody", () => {
  const row = { owner_id: "bbbbbbbb-0000-4000-8000-000000000001", status: "ada@example.com" };
  expect(maskRow(policyWith("text"), "notes", subjectFromClaims(claims), row, { now: 0 })).toEqual(row);
});

test("a mask that goes is looser, one that comes tighter, and one that is shown to more people looser with somebody", () => {
  const effects = (before: Policy, after: Policy) =>
    difference(before, after).map(({ path, effect }) => [path, effect]);
  const plain = policyWith("text");
  expect(effects(masked, plain)).toEqual([["tables.notes.columns.status.masked", "looser"]]);
  expect(effects(plain, masked)).toEqual([["tables.notes.columns.status.masked", "tighter"]]);
  const wider = policyWith({ type: "text", masked: "email", unmaskedFor: any(owner("owner_id"), role("reader")) });
  expect(effects(masked, wider)).toEqual([["tables.notes.columns.status.unmaskedFor", "looser"]]);
});
