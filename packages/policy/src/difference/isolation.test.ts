import { expect, test } from "vitest";
import { all, any, column, member, owner, role } from "../build-condition.ts";
import type { Condition } from "../condition.ts";
import { checkSecurity } from "../define-security.ts";
import { evaluate } from "../evaluate.ts";
import type { Policy } from "../policy.ts";
import { subjectFromClaims } from "../subject.ts";
import { difference } from "./difference.ts";
import { isolation } from "./isolation.ts";
import { notWider } from "./verdict.ts";

const inTeam = member({ column: "team_id", table: "memberships", group: "team_id", subject: "user_id" });
const ownsTeam = member({ column: "team_id", table: "teams", group: "id", subject: "owner_id" });

interface Parts {
  readonly select?: Condition;
  readonly within?: Condition;
  readonly join?: Condition;
}

function policyWith({ select, within = inTeam, join = ownsTeam }: Parts): Policy {
  const checked = checkSecurity({
    application: { name: "tenants", origin: "https://localhost" },
    roles: { editor: {}, admin: { requires: "aal2" } },
    tables: {
      notes: {
        columns: { id: "uuid", team_id: "uuid", owner_id: "uuid", status: "text" },
        select: select ?? inTeam,
        within,
      },
      memberships: { columns: { id: "uuid", team_id: "uuid", user_id: "uuid" }, insert: join },
      teams: { columns: { id: "uuid", owner_id: "uuid" } },
    },
  });
  if ("issues" in checked) throw new Error(JSON.stringify(checked.issues));
  return checked.policy;
}

const outcomes = (policy: Policy) => isolation(policy).map(({ path, outcome }) => [path, outcome]);

test("conditions that ask for the tenant keep to the floor by themselves: proven", () => {
  expect(outcomes(policyWith({}))).toEqual([
    ["tables.notes.select", "proven"],
    ["tables.memberships.insert", "proven"],
  ]);
  expect(outcomes(policyWith({ select: all(inTeam, any(column("status").is("open"), role("editor"))) }))[0]?.[1]).toBe(
    "proven",
  );
});

test("a condition that would open another tenant's row is kept by the floor alone, and the row is shown", () => {
  const policy = policyWith({ select: any(inTeam, column("status").is("published")) });
  const [select] = isolation(policy);
  expect(select?.outcome).toBe("floor");
  expect(select?.witness?.row).toMatchObject({ status: "published" });
  // And the floor does refuse it.
  const { witness } = select ?? {};
  const decision = evaluate(
    policy,
    witness?.subject ?? subjectFromClaims(null),
    { kind: "table", table: "notes", operation: "select" },
    { row: witness?.row ?? {} },
    { now: 0, tables: witness?.tables ?? {} },
  );
  expect(decision.allowed).toBe(false);
});

test("who may write their own membership joins whatever they like: open, with a witness", () => {
  const [, join] = isolation(policyWith({ join: owner("user_id") }));
  expect(join).toMatchObject({ path: "tables.memberships.insert", outcome: "open" });
  expect(join?.witness?.row?.["user_id"]).toBe(join?.witness?.subject.id);
  expect(isolation(policyWith({ join: any(ownsTeam, role("editor")) }))[1]?.witness?.subject.roles).toEqual(["editor"]);
});

test("a floor that is added is tighter and proven not wider; one that is removed is wider, with somebody it lets in", () => {
  const loose = any(inTeam, column("status").is("published"));
  const [floored, bare] = [policyWith({ select: loose }), policyWith({ select: loose, within: { kind: "anyone" } })];
  expect(notWider(difference(bare, floored))).toEqual({ outcome: "proven", changes: [] });
  const verdict = notWider(difference(floored, bare));
  expect(verdict.outcome).toBe("wider");
  expect(verdict.changes[0]).toMatchObject({ path: "tables.notes.within", effect: "looser" });
});

test("a policy without floors has nothing to say", () => {
  const policy = policyWith({});
  const { within: _, ...notes } = policy.tables["notes"] as Policy["tables"][string];
  expect(isolation({ ...policy, tables: { ...policy.tables, notes } })).toEqual([]);
});
