import type { Method, Policy, RoutePolicy } from "@holdfast/policy";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { refusals } from "../refusals.ts";
import { concretePath } from "../route-matrix.ts";

/** What frameworks, tools and habits leave open. */
const LEFT_OPEN = [
  "/.env",
  "/.git/config",
  "/actuator/env",
  "/debug/pprof",
  "/swagger.json",
  "/openapi.json",
  "/documentation",
  "/graphql",
  "/server-status",
  "/phpinfo.php",
  "/api",
  "/api/internal",
  "/api/debug",
  "/auth/v1/admin/audit",
  "/auth/v1/admin/sql",
  "/auth/v1/admin/settings",
  "/platform/v1/secrets",
  "/platform/v1",
  "/rest/v1/",
] as const;
const METHODS: readonly Method[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

export const az06: Check = {
  ...fromAttackList("AZ-06"),
  title: "A route that the policy does not name answers.",
  kind: "attack",
  layers: ["edge", "api"],
  events: ["edge.route-unknown"],
  company: "together",
  sabotage: {
    name: "forgotten-debug-route",
    sentence: "The deployment's policy names a debug route that ours does not.",
    hole: { kind: "policy", change: withDebugRoute },
  },
  run: async (session) => {
    const alice = await session.people.alice();
    await session.positive(
      "a named route answers",
      { method: "GET", path: "/auth/v1/user", bearer: alice.accessToken },
      200,
    );
    for (const path of LEFT_OPEN) {
      if (isNamed(session.policy, path)) continue;
      await session.expectRefused(
        { method: "GET", path, bearer: session.target.serviceKey },
        { ...refusals.routeUnknown, code: ["route-unknown", "path-refused"] },
        "the service key",
      );
    }
    const unnamed = otherMethods(session.policy);
    for (const { method, path } of unnamed) {
      await session.expectRefused(
        { method, path: concretePath(path), bearer: alice.accessToken },
        refusals.methodUnknown,
        "a person",
      );
    }
    return await session.conclude(
      `${LEFT_OPEN.length} forgotten paths and ${unnamed.length} unnamed methods of named paths do not exist.`,
    );
  },
};

function isNamed(policy: Policy, path: string): boolean {
  const routes = Object.values(policy.services).flatMap((service) => Object.values(service.routes));
  return routes.some((route) => route.path === path) || Object.values(policy.sites).some(({ pages }) => path in pages);
}

/** For each path of the policy, one method that it does not name. */
function otherMethods(policy: Policy): { method: Method; path: string }[] {
  const named = Map.groupBy(
    Object.values(policy.services).flatMap(({ routes }) => Object.values(routes)),
    (route) => route.path,
  );
  return [...named].flatMap(([path, routes]) => {
    const method = METHODS.find(
      (candidate) => candidate !== "GET" && !routes.some((route) => route.method === candidate),
    );
    return method ? [{ method, path }] : [];
  });
}

const DEBUG_ROUTE: RoutePolicy = {
  method: "GET",
  path: "/api/debug",
  allow: { kind: "anyone" },
  limit: { requests: 60, windowSeconds: 60 },
  takesBody: false,
  bodyBytesMax: 0,
};

/** The policy with a forgotten route in its first application service. */
function withDebugRoute(policy: Policy): Policy {
  const [name, service] = Object.entries(policy.services).find(([, { kind }]) => kind === "application") ?? [];
  if (name === undefined || service === undefined) return policy;
  const routes = { ...service.routes, [`${DEBUG_ROUTE.method} ${DEBUG_ROUTE.path}`]: DEBUG_ROUTE };
  return { ...policy, services: { ...policy.services, [name]: { ...service, routes } } };
}
