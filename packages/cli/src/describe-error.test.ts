import { checkSecurity, PolicyError } from "@holdfast/policy";
import { describe, expect, test } from "vitest";
import { CliError } from "./cli-error.ts";
import { describeError } from "./describe-error.ts";

const tenMistakes = {
  application: { name: "", origin: "http://example.com" },
  roles: { reader: { includes: ["ghost"] }, Admin: {}, admin: { requires: "aal9" } },
  tables: {
    content: {
      columns: { id: "uuid", owner: "varchar", title: "text" },
      select: { kind: "owner", column: "missing" },
      insert: { kind: "anyone" },
      update: { kind: "closure" },
      delete: { kind: "role", role: "nobody-declared" },
    },
  },
  services: { api: { routes: { "FETCH /x": { allow: { kind: "signedIn" }, limit: "many" } } } },
  surprise: true,
};

describe("what people are told when something is wrong", () => {
  test("a policy with ten mistakes lists all ten with their places", () => {
    const result = checkSecurity(tenMistakes);
    if (!("issues" in result)) throw new Error("the policy was expected to be refused");
    const told = describeError(new PolicyError(result.issues));
    expect(result.issues.length).toBeGreaterThanOrEqual(10);
    for (const issue of result.issues) expect(told.lines.join("\n")).toContain(issue.path);
    expect(told.lines[0]).toContain(`${result.issues.length} mistakes`);
  });

  test("an error with a code shows its sentence, its hint and its code", () => {
    const told = describeError(new CliError("cli/not-running", "nothing runs", "start it"));
    expect(told.lines).toEqual(["✗ nothing runs", "  start it", "  [cli/not-running]"]);
    expect(told.document).toMatchObject({ code: "cli/not-running", hint: "start it" });
  });

  test("an error nobody expected is told as one, with its stack", () => {
    expect(describeError(new TypeError("x is not a function")).lines[0]).toContain("did not expect");
  });
});
