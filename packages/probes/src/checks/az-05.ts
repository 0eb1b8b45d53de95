import { evaluate, type RoutePolicy } from "@holdfast/policy";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import type { Asked } from "../edge-client.ts";
import { refusals } from "../refusals.ts";
import { concretePath } from "../route-matrix.ts";
import { withoutStep } from "../sabotages.ts";
import type { Refusal } from "../session.ts";

export const az05: Check = {
  ...fromAttackList("AZ-05"),
  title: "Another spelling of a path or another method reaches a route around its rule.",
  kind: "attack",
  layers: ["edge"],
  events: ["edge.path-refused", "edge.route-unknown", "edge.access-refused"],
  company: "together",
  sabotage: withoutStep("path", "The gateway takes paths as they come."),
  run: async (session) => {
    const bob = await session.people.bob();
    const guarded = Object.entries(session.policy.services).flatMap(([service, { routes }]) =>
      Object.entries(routes)
        .filter(
          ([route, { method }]) =>
            method === "GET" &&
            !evaluate(session.policy, bob.subject, { kind: "route", service, route }, {}, { now: Date.now() }).allowed,
        )
        .map(([, rule]) => rule),
    );
    const targets = guarded.filter((rule) => !rule.path.includes(":")).slice(0, 4);
    session.require(targets.length > 0, "the policy has a route that a plain person may not read");
    for (const rule of targets) {
      await session.expectRefused(
        { method: "GET", path: concretePath(rule.path), bearer: bob.accessToken },
        forbidden,
        "the path as it is",
      );
      for (const [name, asked, refusal] of spellings(rule)) {
        await session.expectRefused({ ...asked, bearer: bob.accessToken }, refusal, name);
      }
    }
    return await session.conclude(`${targets.length} guarded routes had no second spelling and no second method.`);
  },
};

/** For want of a role or of a second factor. */
const forbidden: Refusal = { status: 403, event: "edge.access-refused" };
const either = ["edge.access-refused", "edge.route-unknown"] as const;

function spellings({ path }: RoutePolicy): [string, Asked, Refusal][] {
  const last = path.lastIndexOf("/");
  const [head, tail] = [path.slice(0, last), path.slice(last + 1)];
  const get = (spelled: string, headers: Readonly<Record<string, string>> = {}): Asked => ({
    method: "GET",
    path: spelled,
    headers,
  });
  const hex = `%${tail.charCodeAt(0).toString(16)}`;
  const { path: ambiguous, routeUnknown } = refusals;
  return [
    ["an escaped letter", get(`${head}/${hex}${tail.slice(1)}`), ambiguous],
    ["an escaped slash", get(`${head}%2f${tail}`), ambiguous],
    ["a doubled slash", get(`${head}//${tail}`), ambiguous],
    ["dot segments", get(`${head}/x/../${tail}`), ambiguous],
    ["escaped dot segments", get(`${head}/x/%2e%2e/${tail}`), ambiguous],
    ["a path parameter", get(`${path};x=1`), ambiguous],
    ["..; of Java servers", get(`${head}/..;/${tail}`), ambiguous],
    ["a backslash", get(`${head}\\${tail}`), ambiguous],
    ["double encoding", get(`${head}/%25${hex.slice(1)}${tail.slice(1)}`), ambiguous],
    ["upper case", get(path.toUpperCase()), routeUnknown],
    // A router may take the empty end for an id: then that route's own rule refuses.
    [
      "a trailing slash",
      get(`${path}/`),
      { status: [403, 404], code: ["route-unknown", "access-refused"], event: either },
    ],
    ["another method", { method: "PATCH", path }, { status: [403, 405, 404], event: either }],
    [
      "a method override",
      get(path, { "x-http-method-override": "GET", "x-original-url": path, "x-rewrite-url": path }),
      forbidden,
    ],
    [
      "an original URL on an open path",
      get("/auth/v1/no-such-route", { "x-original-url": path, "x-rewrite-url": path }),
      routeUnknown,
    ],
  ];
}
