// The routes of a gateway: those of the policy's services, its sites' pages and their files, and nothing else.
import {
  type Action,
  crossOriginPaths,
  linkFormPath,
  oauthTokenPath,
  oauthUserinfoPath,
  type Policy,
  providerCallbackPath,
  type RoutePolicy,
  type ServicePolicy,
  type SitePolicy,
} from "@holdfast/policy";
import { type BodyCheck, bodySchemaCompiler } from "./body-schema.ts";
import { GatewayError } from "./error.ts";
import { RateLimiter } from "./rate-limit.ts";
import { CSP_REPORT_PATH } from "./response-headers.ts";
import type { Asset, Site } from "./site.ts";

interface NamedRoute {
  /** `"METHOD /pattern"`, as events and services see it. */
  readonly id: string;
  readonly method: string;
  readonly path: string;
}

export interface ServiceRoute extends NamedRoute {
  readonly kind: "service";
  readonly service: string;
  readonly serviceKind: ServicePolicy["kind"];
  readonly timeoutMs: number;
  readonly action: Action;
  readonly limiter: RateLimiter;
  /** Null: the route takes no body. A null check: the service validates what is well-formed, and may do without. */
  readonly body: { readonly check: BodyCheck | null; readonly mediaTypes: readonly string[] } | null;
  readonly bodyBytesMax: number;
  /** A browser brings something here from another site. The service decides nothing by cookies on it. */
  readonly isOpenToOtherSites: boolean;
  /** Its callers authenticate to the service itself: `authorization` is theirs, and no token of ours. */
  readonly hasOwnAuthentication: boolean;
  /** The service may let pages of other origins read the answer. Elsewhere its word about that is dropped. */
  readonly isCrossOrigin: boolean;
}

export interface PageRoute extends NamedRoute {
  readonly kind: "page";
  readonly site: string;
  readonly action: Action;
  readonly signIn: string;
  readonly unauthorized: string;
}

export interface AssetRoute extends NamedRoute {
  readonly kind: "asset";
  readonly site: string;
  readonly asset: Asset;
}

/** A path that is named, asked with a method that is not. */
export interface MethodRoute {
  readonly kind: "method";
  readonly path: string;
  /** The value of Allow. */
  readonly allow: string;
}

export interface UnknownRoute {
  readonly kind: "unknown";
}

export type AnsweredRoute = ServiceRoute | PageRoute | AssetRoute;
export type GatewayRoute = AnsweredRoute | MethodRoute | UnknownRoute;

const MILLISECONDS_PER_SECOND = 1000;
const PATTERN = /^(?:\/(?::[A-Za-z][A-Za-z0-9_]*|[A-Za-z0-9_~.-]+))+$|^\/$/;
const JSON_TYPES: readonly string[] = Object.freeze(["application/json"]);
export const FORM_TYPE = "application/x-www-form-urlencoded";
const FORM_TYPES: readonly string[] = Object.freeze([FORM_TYPE]);
const TOKEN_TYPES: readonly string[] = Object.freeze([FORM_TYPE, "application/json"]);
/** Nothing is decided by cookies there: a provider's form bears its state, and a client its own credentials. */
const OPEN_TO_OTHER_SITES: readonly string[] = Object.freeze([providerCallbackPath, oauthTokenPath]);
const OWN_AUTHENTICATION: readonly string[] = Object.freeze([oauthTokenPath, oauthUserinfoPath]);
const REPORT_TYPES: readonly string[] = Object.freeze(["application/csp-report", "application/reports+json"]);

/** All routes of a policy. Throws GatewayError `gateway/site-missing`, `-/route-conflict`, `-/route-invalid`, `-/schema-invalid`. */
export function routesOf(policy: Policy, sites: ReadonlyMap<string, Site>): readonly AnsweredRoute[] {
  const routes: AnsweredRoute[] = [];
  const compileBody = bodySchemaCompiler();
  for (const [name, service] of Object.entries(policy.services)) {
    for (const route of Object.values(service.routes)) {
      const own = serviceRoute(name, service, route, compileBody);
      routes.push(own);
      if (own.isCrossOrigin) routes.push(preflightOf(own));
    }
  }
  for (const [name, site] of Object.entries(policy.sites)) {
    const built = sites.get(name);
    if (built === undefined) {
      throw new GatewayError(
        "gateway/site-missing",
        `The policy names the site "${name}", but no folder was given for it.`,
        "Pass sites: { <name>: { directory } } to createGateway.",
      );
    }
    routes.push(...pageRoutes(name, site), ...assetRoutes(name, site, built));
  }
  refuseConflicts(routes);
  return routes;
}

function serviceRoute(
  name: string,
  service: ServicePolicy,
  route: RoutePolicy,
  compileBody: ReturnType<typeof bodySchemaCompiler>,
): ServiceRoute {
  const id = `${route.method} ${route.path}`;
  const check = route.body === undefined ? null : compileBody(id, route.body);
  return Object.freeze({
    kind: "service",
    id,
    method: route.method,
    path: route.path,
    service: name,
    serviceKind: service.kind,
    timeoutMs: service.timeoutSeconds * MILLISECONDS_PER_SECOND,
    action: Object.freeze({ kind: "route", service: name, route: id }),
    limiter: new RateLimiter("route", route.limit),
    body: route.takesBody ? { check, mediaTypes: mediaTypesOf(service, route) } : null,
    bodyBytesMax: route.bodyBytesMax,
    isOpenToOtherSites: service.kind === "identity" && OPEN_TO_OTHER_SITES.includes(route.path),
    isCrossOrigin: service.kind === "identity" && crossOriginPaths.includes(route.path),
    hasOwnAuthentication: service.kind === "identity" && OWN_AUTHENTICATION.includes(route.path),
  });
}

/** What a browser asks before (Fetch Standard, CORS-preflight): whoever answers the route answers that. It bears no credential. */
const preflightOf = (route: ServiceRoute): ServiceRoute =>
  Object.freeze({
    ...route,
    id: `OPTIONS ${route.path}`,
    method: "OPTIONS",
    body: null,
    bodyBytesMax: 0,
    isOpenToOtherSites: true,
    hasOwnAuthentication: true,
  });

/** JSON, save where a protocol of others says what it is. */
function mediaTypesOf({ kind }: ServicePolicy, { path }: RoutePolicy): readonly string[] {
  if (path === CSP_REPORT_PATH) return REPORT_TYPES;
  if (kind !== "identity") return JSON_TYPES;
  if (path === providerCallbackPath || path === linkFormPath) return FORM_TYPES;
  return path === oauthTokenPath ? TOKEN_TYPES : JSON_TYPES;
}

function pageRoutes(name: string, site: SitePolicy): readonly PageRoute[] {
  const routes: PageRoute[] = [];
  for (const page of Object.keys(site.pages)) {
    const action: Action = Object.freeze({ kind: "page", site: name, page });
    const place = { site: name, action, signIn: site.signIn, unauthorized: site.unauthorized };
    // A mounted site's first page is the one page that may be spelled with a slash at its end.
    const paths = page === site.mount && page !== "/" ? [page, `${page}/`] : [page];
    for (const path of paths) {
      routes.push(Object.freeze({ kind: "page", id: `GET ${page}`, method: "GET", path, ...place }));
    }
  }
  return routes;
}

function assetRoutes(name: string, site: SitePolicy, built: Site): readonly AssetRoute[] {
  return built.assets.map((asset) => {
    const path = site.mount === "/" ? asset.path : site.mount + asset.path;
    return Object.freeze({ kind: "asset", id: `GET ${path}`, method: "GET", path, site: name, asset });
  });
}

/** A pattern without the names in it: two of one shape match the same paths. */
export const shapeOf = (path: string): string => path.replace(/:[A-Za-z0-9_]+/g, ":");

// Two patterns of one shape would leave the router to choose which decision holds.
function refuseConflicts(routes: readonly AnsweredRoute[]): void {
  const seen = new Map<string, string>();
  for (const route of routes) {
    const bare = route.path.length > 1 && route.path.endsWith("/") ? route.path.slice(0, -1) : route.path;
    if (!PATTERN.test(bare)) {
      throw new GatewayError(
        "gateway/route-invalid",
        `"${route.path}" is no path of literal and :name segments.`,
        "Write a path such as /api/content/:id.",
      );
    }
    const shape = `${route.method} ${shapeOf(route.path)}`;
    const other = seen.get(shape);
    if (other !== undefined) {
      throw new GatewayError(
        "gateway/route-conflict",
        `"${route.id}" and "${other}" would answer the same requests.`,
        "Give each service and site its own paths.",
      );
    }
    seen.set(shape, route.id);
  }
}
