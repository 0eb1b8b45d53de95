import { evaluate } from "@holdfast/policy";
import { expect, test } from "vitest";
import { policyForBrowser } from "./browser-policy.ts";
import { policyForTest } from "./testdata/policy-for-test.ts";
import { holdfastPolicy } from "./vite.ts";

test("what reaches the browser has no schema, limit or service of Holdfast's own", () => {
  const text = JSON.stringify(policyForBrowser(policyForTest));
  expect(Object.keys(policyForBrowser(policyForTest).services)).toEqual(["api"]);
  expect(text).not.toContain('windowSeconds":60');
  expect(text).not.toContain("spiffe");
});

test("the part for the browser decides about pages and routes as the whole does", () => {
  const subject = { id: "x", kind: "person", roles: ["editor"], assurance: "aal1", sessionId: null } as const;
  for (const page of Object.keys(policyForTest.sites["app"]?.pages ?? {})) {
    const action = { kind: "page", site: "app", page } as const;
    const decide = (policy: typeof policyForTest) => evaluate(policy, subject, action, {}, { now: 0 });
    expect(decide(policyForBrowser(policyForTest))).toEqual(decide(policyForTest));
  }
});

test("the Vite plugin answers only for its own module, with the policy as data", async () => {
  const plugin = holdfastPolicy(policyForTest);
  expect(plugin.resolveId("other")).toBeUndefined();
  const source = plugin.load(plugin.resolveId("virtual:holdfast-policy") ?? "") ?? "";
  const module = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as { policy: unknown };
  expect(module.policy).toEqual(JSON.parse(JSON.stringify(policyForBrowser(policyForTest))));
});
