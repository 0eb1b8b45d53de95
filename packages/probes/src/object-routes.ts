// Objects that the application offers: a route that makes one, and routes that act on one by its id. Derived from the policy.
import { randomUUID } from "node:crypto";
import type { JsonSchema, Method, Policy } from "@holdfast/policy";
import { evaluate } from "@holdfast/policy";
import type { Account } from "./accounts.ts";
import type { Answer, Asked } from "./edge-client.ts";
import { ProbeError } from "./probe-error.ts";
import { sampleBody } from "./sample-body.ts";
import type { ProbeSession } from "./session.ts";

/** `POST /api/content` and the routes `/api/content/:id`. */
export interface ObjectRoutes {
  readonly service: string;
  /** The collection's path, where objects are made. */
  readonly collection: string;
  readonly body: JsonSchema;
  readonly bodyBytesMax: number;
  /** Methods on one object, with the body they take. */
  readonly items: readonly { readonly method: Method; readonly route: string; readonly body?: JsonSchema }[];
  /** The policy's table of the same name as the last segment of the path, when there is one. */
  readonly table?: string;
  readonly listable: boolean;
}

/** Every family of object routes of the application's own services. */
export function objectRoutes(policy: Policy): ObjectRoutes[] {
  return Object.entries(policy.services).flatMap(([service, { kind, routes }]) => {
    if (kind !== "application") return [];
    return Object.values(routes).flatMap((create) => {
      if (create.method !== "POST" || !create.body || create.path.includes(":")) return [];
      const items = Object.entries(routes)
        .filter(([, route]) => isItemOf(route.path, create.path))
        .map(([name, route]) => ({ method: route.method, route: name, ...(route.body ? { body: route.body } : {}) }));
      const table = create.path.split("/").at(-1) ?? "";
      return [
        {
          service,
          collection: create.path,
          body: create.body,
          bodyBytesMax: create.bodyBytesMax,
          items,
          listable: `GET ${create.path}` in routes,
          ...(policy.tables[table] ? { table } : {}),
        },
      ];
    });
  });
}

function isItemOf(path: string, collection: string): boolean {
  return path.startsWith(`${collection}/:`) && !path.slice(collection.length + 2).includes("/");
}

export interface MadeObject {
  readonly id: string;
  readonly path: string;
  readonly made: Answer;
}

/** The family with the most routes that the account may make an object in. @throws ProbeError `probes/nothing-to-attack` */
export function mainFamily(session: ProbeSession, account: Account): ObjectRoutes {
  const families = objectRoutes(session.policy)
    .filter((family) => mayMake(session.policy, family, account))
    .sort((left, right) => right.items.length - left.items.length);
  if (families[0]) return families[0];
  throw new ProbeError(
    "probes/nothing-to-attack",
    "Expected a route that makes an object (POST with a body) for a person with the default roles, found none in the policy.",
    "This check attacks objects; without any it stays unproven.",
  );
}

function mayMake(policy: Policy, family: ObjectRoutes, account: Account): boolean {
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
  const made = await session.positive(
    `a person makes an object with POST ${family.collection}`,
    makeRequest(family, account, text),
    [200, 201],
  );
  const id = (made.json as { id?: unknown } | undefined)?.id;
  if (typeof id !== "string" && typeof id !== "number") {
    throw new ProbeError(
      "probes/nothing-to-attack",
      `Expected POST ${family.collection} to answer with the new object's id, found none.`,
      "Answer with the object as it was stored.",
    );
  }
  const path = `${family.collection}/${id}`;
  if (family.items.some((item) => item.method === "DELETE")) {
    session.afterwards(() => removeObject(session, path, account));
  }
  return { id: String(id), path, made };
}

/** The request that makes an object. */
export function makeRequest(family: ObjectRoutes, account: Account, text: string): Asked {
  return {
    method: "POST",
    path: family.collection,
    bearer: account.accessToken,
    body: sampleBody(family.body, text),
  };
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
