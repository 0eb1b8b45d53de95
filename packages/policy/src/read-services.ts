// The team's services and their routes. Holdfast's own are added beside them.
import { readBodySchema } from "./body-schema.ts";
import type { Condition } from "./condition.ts";
import type { Scope } from "./condition-scope.ts";
import { checkIdentifier } from "./identifier.ts";
import { readBytes, readDuration, readLimit } from "./measure.ts";
import { isBelow, isPathPattern, patternShape } from "./path-pattern.ts";
import type { Limit, Method, RoutePolicy, ServicePolicy } from "./policy.ts";
import { readCondition } from "./read-condition.ts";
import {
  addIssue,
  addUndeclared,
  below,
  type Fields,
  Found,
  type Report,
  readNames,
  readObject,
  readRecord,
} from "./report.ts";

const servicesMax = 64;
const routesMax = 1_024;
const timeoutDefaultSeconds = 5;
const timeoutRange = { minSeconds: 1, maxSeconds: 300 };
const limitDefault: Limit = { requests: 120, windowSeconds: 60 };
const bodyBytesDefault = 65_536;
const bodyBytesMax = 10_485_760;

const methods: readonly Method[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const methodsWithBody: readonly Method[] = ["POST", "PUT", "PATCH"];

/** Paths that Holdfast serves itself. */
export const reservedPrefixes: readonly string[] = ["/auth/v1", "/platform/v1", "/metrics"];
/** Names that peers of a service may have without being declared, and that no service may take. */
const reservedServices = ["gateway", "identity", "platform", "postgres"];

interface Reading {
  readonly report: Report;
  readonly scope: Scope;
  readonly names: readonly string[];
  /** Method and shape of every route so far, with the place where it stands. */
  readonly shapes: Map<string, string>;
}

/** The application's services in normal form; `roles` are the declared names. */
export function readServices(
  report: Report,
  value: unknown,
  roles: readonly string[],
): Readonly<Record<string, ServicePolicy>> {
  const services: Record<string, ServicePolicy> = {};
  if (value === undefined) return services;
  const entries = Object.entries(readRecord(report, "services", value, "a record of services") ?? {});
  if (entries.length > servicesMax)
    addIssue(report, "input/too-many", "services", `at most ${servicesMax}`, new Found(`${entries.length}`));
  const reading: Reading = {
    report,
    scope: { roles, tables: {}, columns: null },
    names: entries.map(([name]) => name),
    shapes: new Map(),
  };
  for (const [name, service] of entries.slice(0, servicesMax)) {
    const path = below("services", name);
    const read = readService(reading, path, service);
    if (checkIdentifier(report, path, name, reservedServices)) services[name] = read;
  }
  return services;
}

function readService(reading: Reading, path: string, value: unknown): ServicePolicy {
  const { report } = reading;
  const fields = readObject(report, path, value, ["timeout", "callers", "calls", "routes"]) ?? { routes: {} };
  return {
    kind: "application",
    timeoutSeconds: readDuration(report, below(path, "timeout"), fields.timeout, timeoutDefaultSeconds, timeoutRange),
    callers: readPeers(reading, below(path, "callers"), fields.callers, "gateway"),
    calls: readPeers(reading, below(path, "calls"), fields.calls, "postgres"),
    routes: readRoutes(reading, below(path, "routes"), fields.routes),
  };
}

function readPeers(
  reading: Reading,
  path: string,
  value: unknown,
  otherwise: "gateway" | "postgres",
): readonly string[] {
  if (value === undefined) return [otherwise];
  const known = [otherwise, "identity", "platform", ...reading.names];
  return readNames(reading.report, path, value, servicesMax)
    .filter((name, index) => {
      if (known.includes(name)) return true;
      addUndeclared(reading.report, "service/undeclared", below(path, index), name, known);
      return false;
    })
    .toSorted();
}

function readRoutes(reading: Reading, path: string, value: unknown): Readonly<Record<string, RoutePolicy>> {
  const { report } = reading;
  const entries = Object.entries(readRecord(report, path, value, "a record of routes") ?? {});
  if (entries.length > routesMax)
    addIssue(report, "input/too-many", path, `at most ${routesMax} routes`, new Found(`${entries.length}`));
  const routes: Record<string, RoutePolicy> = {};
  for (const [key, route] of entries.slice(0, routesMax)) {
    const place = below(path, key);
    const target = readKey(reading, place, key);
    const read = readRoute(reading, place, route, target);
    if (target !== undefined) routes[key] = read;
  }
  return routes;
}

interface Target {
  readonly method: Method;
  readonly path: string;
}

function readKey(reading: Reading, place: string, key: string): Target | undefined {
  const { report, shapes } = reading;
  const [word, path, ...rest] = key.split(" ");
  const method = methods.find((candidate) => candidate === word);
  if (method === undefined || path === undefined || rest.length > 0 || !isPathPattern(path)) {
    addIssue(report, "route/invalid", place, `${methods.join(", ")} and a path`, key);
    return undefined;
  }
  const prefix = reservedPrefixes.find((reserved) => isBelow(path.toLowerCase(), reserved));
  if (prefix !== undefined) {
    addIssue(report, "route/reserved", place, `a path outside ${prefix}`, key);
    return undefined;
  }
  const shape = `${method} ${patternShape(path)}`;
  const other = shapes.get(shape);
  if (other !== undefined) {
    addIssue(report, "route/duplicate", place, "each route once", new Found(`the same requests as ${other}`));
    return undefined;
  }
  shapes.set(shape, place);
  return { method, path };
}

function readRoute(reading: Reading, path: string, value: unknown, target: Target | undefined): RoutePolicy {
  const { report } = reading;
  const fields = readObject(report, path, value, ["allow", "limit", "body", "bodyBytesMax"]);
  const body = fields === undefined ? undefined : readBody(report, path, fields, target);
  return {
    method: target?.method ?? "GET",
    path: target?.path ?? "/",
    allow: fields === undefined ? { kind: "nobody" } : readAllow(reading, below(path, "allow"), fields.allow),
    limit: readLimit(report, below(path, "limit"), fields?.limit, limitDefault),
    takesBody: body !== undefined,
    ...(body === undefined ? {} : { body }),
    bodyBytesMax:
      body === undefined
        ? 0
        : readBytes(report, below(path, "bodyBytesMax"), fields?.bodyBytesMax, bodyBytesDefault, bodyBytesMax),
  };
}

function readAllow(reading: Reading, path: string, value: unknown): Condition {
  if (value !== undefined) return readCondition(reading.report, path, value, reading.scope);
  addIssue(
    reading.report,
    "input/missing",
    path,
    "a condition",
    value,
    "Say who may call it; for everybody write anyone().",
  );
  return { kind: "nobody" };
}

function readBody(report: Report, path: string, fields: Fields, target: Target | undefined): RoutePolicy["body"] {
  const place = below(path, "body");
  if (fields.body === undefined) {
    if (fields.bodyBytesMax === undefined) return undefined;
    addIssue(
      report,
      "input/missing",
      place,
      "a body schema beside bodyBytesMax",
      undefined,
      "Without a schema the route takes no body.",
    );
    return undefined;
  }
  const schema = readBodySchema(report, place, fields.body);
  if (target === undefined || methodsWithBody.includes(target.method)) return schema;
  // A body of GET, HEAD or DELETE has no meaning and is a way to smuggle requests (RFC 9110 §9.3.1, §9.3.5).
  addIssue(report, "route/body-not-taken", place, `no body with ${target.method}`, new Found("a schema"));
  return undefined;
}
