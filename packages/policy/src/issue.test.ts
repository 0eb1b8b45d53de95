import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkSecurity } from "./define-security.ts";
import { describeIssues, type IssueCode, PolicyError } from "./issue.ts";
import { issueKinds } from "./issue-kinds.ts";
import { provocations } from "./testing/provocations.ts";
import { smallInputWith } from "./testing/small-input.ts";

function pathOf(place: readonly string[]): string {
  return place
    .map((key) => (/^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`))
    .join("")
    .slice(1);
}

for (const [code, place, value, path] of provocations) {
  test(`${code} is found at ${JSON.stringify(place)}`, () => {
    const checked = checkSecurity(smallInputWith(place, value));
    const issues = "issues" in checked ? checked.issues : [];
    const found = issues.filter((issue) => issue.code === code).map((issue) => issue.path);
    expect(found).toContain(path ?? pathOf(place));
  });
}

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

test("the README's table of codes is exactly the codes there are", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const table = readme.slice(readme.indexOf("## Mistakes in a policy"));
  const rows = [...table.matchAll(/^\| `([a-z]+\/[a-z-]+)` +\| (.+?) +\| (.+?) +\|$/gm)].map(
    ([, code, meaning, hint]) => [code, { meaning, hint }],
  );
  const escaped = (text: string) => text.replaceAll("|", "\\|");
  const expected = Object.entries(issueKinds).map(([code, { meaning, hint }]) => [
    code,
    { meaning: escaped(meaning), hint: escaped(hint) },
  ]);
  expect(rows).toEqual(expected);
});

test("the error's message tells every issue with its place", () => {
  const checked = checkSecurity(smallInputWith(["monitoring"], { load: 80, disk: 85 }));
  const issues = "issues" in checked ? checked.issues : [];
  const error = new PolicyError(issues);
  expect(error).toMatchObject({ code: "policy/invalid", name: "PolicyError", issues });
  expect(error.message).toContain("the policy has 2 mistakes");
  expect(error.message).toContain(describeIssues(issues));
  expect(describeIssues(issues)).toContain(
    "monitoring.load  [number/out-of-range]\n    expected more than 0 and less than 1\n    found    80",
  );
});
