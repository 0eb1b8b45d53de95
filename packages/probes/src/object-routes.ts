// Objects that the application offers: a route that makes one, and routes that act on one by its id. Derived from the policy.
import { randomUUID } from "node:crypto";
import type { JsonSchema, Method, Policy } from "@holdfast/policy";
import { evaluate } from "@holdfast/policy";
import type { Account } from "./accounts.ts";
import type { Answer, Asked } from "./edge-client.ts";
import { ProbeError } from "./probe-error.ts";
import { sampleBody } from "./sample-body.ts";
import type { ProbeSession } from "./session.ts";

/** `POST /api/content` and the routes `/api/content/:id`; or `POST /api/content/:id/shares` and the routes below that. */
export interface ObjectRoutes {
  readonly service: string;
  /** The collection's path, where objects are made; a pattern with one parameter when they are made below another. */
  readonly collection: string;
  readonly body: JsonSchema;
  readonly bodyBytesMax: number;
  /** Methods on one object, with the body they take. */
  readonly items: readonly { readonly method: Method; readonly route: string; readonly body?: JsonSchema }[];
  /** The policy's table of the same name as the last segment of the path, when there is one. */
  readonly table?: string;
  readonly listable: boolean;
  /** The family of the object that this one is made below, and the rest of the path after that object's id. */
  readonly parent?: { readonly family: ObjectRoutes; readonly rest: string };
}

const PARAMETER = /\/:[A-Za-z0-9_]+/u;

/** Every family of object routes of the application's own services; those that are made below another come last. */
export function objectRoutes(policy: Policy): ObjectRoutes[] {
  return Object.entries(policy.services).flatMap(([service, { kind, routes }]) => {
    if (kind !== "application") return [];
    const families = Object.values(routes).flatMap(({ method, body, path, bodyBytesMax }): ObjectRoutes[] => {
      if (method !== "POST" || !body) return [];
      const table = path.split("/").at(-1) ?? "";
      const named = policy.tables[table] ? { table } : {};
      const listable = Object.values(routes).some(
        (other) => other.method === "GET" && shapeOf(other.path) === shapeOf(path),
      );
      return [{ service, collection: path, body, bodyBytesMax, items: itemsOf(routes, path), listable, ...named }];
    });
    const roots = families.filter(({ collection }) => !collection.includes(":"));
    return [...roots, ...families.flatMap((family) => below(family, roots))];
  });
}

function itemsOf(routes: Policy["services"][string]["routes"], collection: string): ObjectRoutes["items"] {
  return Object.entries(routes)
    .filter(([, route]) => isItemOf(route.path, collection))
    .map(([name, route]) => ({ method: route.method, route: name, ...(route.body ? { body: route.body } : {}) }));
}

const isItemOf = (path: string, collection: string): boolean => shapeOf(path) === `${shapeOf(collection)}/:`;

/** Whatever a parameter is called, it stands for the same. */
const shapeOf = (path: string): string => path.replaceAll(/:[A-Za-z0-9_]+/gu, ":");

/** The family with its parent, when what it is made below can itself be made, and removed again. */
function below(family: ObjectRoutes, roots: readonly ObjectRoutes[]): ObjectRoutes[] {
  const [head = "", rest = "", ...deeper] = family.collection.split(PARAMETER);
  const parent = roots.find(({ collection }) => collection === head);
  if (parent === undefined || rest === "" || deeper.length > 0) return [];
  if (!parent.items.some(({ method }) => method === "DELETE")) return [];
  return [{ ...family, parent: { family: parent, rest } }];
}

export interface MadeObject {
  readonly id: string;
  readonly path: string;
  /** The collection it was made in, with the parent's id where it has one. */
  readonly collection: string;
  readonly made: Answer;
}

/** The family with the most routes that the account may make an object in. @throws ProbeError `probes/nothing-to-attack` */
export function mainFamily(session: ProbeSession, account: Account): ObjectRoutes {
  const families = objectRoutes(session.policy)
    .filter((family) => family.parent === undefined && mayMake(session.policy, family, account))
    .sort((left, right) => right.items.length - left.items.length);
  if (families[0]) return families[0];
  throw new ProbeError(
    "probes/nothing-to-attack",
    "Expected a route that makes an object (POST with a body) for a person with the default roles, found none in the policy.",
    "This check attacks objects; without any it stays unproven.",
  );
}

/** Whether the policy lets the account ask for a new object of the family. */
export function mayMake(policy: Policy, family: ObjectRoutes, account: Account): boolean {
  const action = { kind: "route", service: family.service, route: `POST ${family.collection}` } as const;
  return evaluate(policy, account.subject, action, {}, { now: Date.now() }).allowed;
}

/** Makes an object as the account, and removes it after the check where a route for that exists. */
export async function makeObject(
  session: ProbeSession,
  family: ObjectRoutes,
  account: Account,
  text = `probe ${randomUUID()}`,
): Promise<MadeObject> {
  const collection = await collectionFor(session, family, account);
  const request = makeRequest(family, account, text, collection);
  // An id in the body may have to be somebody's: the maker's own is one.
  const first = family.parent === undefined ? undefined : await session.ask(request);
  const made =
    first !== undefined && MADE.includes(first.status)
      ? first
      : await session.positive(
          `a person makes an object with POST ${family.collection}`,
          family.parent === undefined ? request : { ...request, body: sampleBody(family.body, text, account.id) },
          MADE,
        );
  const id = (made.json as { id?: unknown } | undefined)?.id;
  if (typeof id !== "string" && typeof id !== "number") {
    throw new ProbeError(
      "probes/nothing-to-attack",
      `Expected POST ${family.collection} to answer with the new object's id, found none.`,
      "Answer with the object as it was stored.",
    );
  }
  const path = `${collection}/${id}`;
  if (family.items.some((item) => item.method === "DELETE")) {
    session.afterwards(() => removeObject(session, path, account));
  }
  return { id: String(id), path, collection, made };
}

const MADE: readonly number[] = [200, 201];

/** Where the account makes objects of the family: below a fresh parent of its own where they have one. */
export async function collectionFor(session: ProbeSession, family: ObjectRoutes, account: Account): Promise<string> {
  if (family.parent === undefined) return family.collection;
  return `${(await makeObject(session, family.parent.family, account)).path}${family.parent.rest}`;
}

/** The request that makes an object. */
export function makeRequest(
  family: ObjectRoutes,
  account: Account,
  text: string,
  collection = family.collection,
): Asked {
  return { method: "POST", path: collection, bearer: account.accessToken, body: sampleBody(family.body, text) };
}

async function removeObject(session: ProbeSession, path: string, account: Account): Promise<void> {
  const removed = await session.ask({ method: "DELETE", path, bearer: account.accessToken });
  // 401: the check ended the session; 403 and 404: it is not there any more. The account's rows go with the account.
  if (removed.status < SERVER_ERROR_MIN) return;
  throw new ProbeError(
    "probes/left-behind",
    `Expected to remove ${path}, got ${removed.status}.`,
    "Remove it by hand.",
  );
}

const SERVER_ERROR_MIN = 500;

/** The object's row as its own answer tells it, limited to the table's columns. */
export function rowOf(
  policy: Policy,
  table: string,
  value: unknown,
): Readonly<Record<string, string | number | boolean | null>> {
  const columns = Object.keys(policy.tables[table]?.columns ?? {});
  const fields = (value ?? {}) as Record<string, string | number | boolean | null>;
  return Object.fromEntries(
    columns.filter((column) => column in fields).map((column) => [column, fields[column] ?? null]),
  );
}
