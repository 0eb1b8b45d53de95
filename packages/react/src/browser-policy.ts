import type { Policy, RoutePolicy, ServicePolicy } from "@holdfast/policy";

const NO_LIMIT = { requests: 0, windowSeconds: 0 } as const;

/**
 * The part of a policy that a browser needs in order to decide as the server does: roles, pages, and the conditions of tables and
 * of the application's own routes. Limits, schemas, upstream calls, monitoring and Holdfast's own services stay on the server.
 */
export function policyForBrowser(policy: Policy): Policy {
  const services = Object.entries(policy.services)
    .filter(([, service]) => service.kind === "application")
    .map(([name, service]) => [name, serviceForBrowser(service)] as const);
  return {
    ...policy,
    services: Object.fromEntries(services),
    monitoring: NOTHING_MONITORED,
    targets: NO_TARGETS,
    continuity: NO_CONTINUITY,
    // Where secrets are kept is nobody's business in a browser.
    secrets: {},
  };
}

function serviceForBrowser(service: ServicePolicy): ServicePolicy {
  const routes = Object.entries(service.routes).map(([name, route]) => [name, routeForBrowser(route)] as const);
  return { kind: service.kind, timeoutSeconds: 0, callers: [], calls: [], routes: Object.fromEntries(routes) };
}

function routeForBrowser(route: RoutePolicy): RoutePolicy {
  return {
    method: route.method,
    path: route.path,
    allow: route.allow,
    takesBody: route.takesBody,
    limit: NO_LIMIT,
    bodyBytesMax: 0,
  };
}

const NOTHING_MONITORED: Policy["monitoring"] = {
  failedLogins: { atLeast: 0, windowSeconds: 0 },
  apiErrorsAbove: 0,
  loadAbove: 0,
  memoryAbove: 0,
  diskAbove: 0,
};

const NO_CONTINUITY: Policy["continuity"] = {
  backups: null,
  recoveryPointSeconds: 0,
  degradeAfterSeconds: null,
  recoveryTimeSeconds: 0,
  replicas: 0,
};

const NO_TARGETS: Policy["targets"] = {
  uptime: 0,
  incidentResponseSeconds: 0,
  patchSeconds: 0,
  backups: 0,
  compliance: 0,
};
