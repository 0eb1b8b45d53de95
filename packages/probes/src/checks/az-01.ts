import { randomUUID } from "node:crypto";
import { evaluate, type Row, type TableAction } from "@holdfast/policy";
import { type Account, errorWord } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import type { Answer } from "../edge-client.ts";
import {
  collectionFor,
  type MadeObject,
  makeObject,
  makeRequest,
  type ObjectRoutes,
  objectRoutes,
  rowOf,
} from "../object-routes.ts";
import { withoutRowSecurity } from "../sabotages.ts";
import { sampleBody } from "../sample-body.ts";
import type { ProbeSession } from "../session.ts";

const ACTIONS: Readonly<Record<string, TableAction>> = {
  GET: "select",
  HEAD: "select",
  PUT: "update",
  PATCH: "update",
  DELETE: "delete",
};

export const az01: Check = {
  ...fromAttackList("AZ-01"),
  title: "One tenant reads, changes or deletes another tenant's object by its id.",
  kind: "attack",
  layers: ["api", "database"],
  events: ["database.refused", "edge.access-refused"],
  company: "together",
  sabotage: withoutRowSecurity,
  run: async (session) => {
    const [alice, bob] = await Promise.all([session.people.alice(), session.people.bob()]);
    let routes = 0;
    for (const family of objectRoutes(session.policy)) {
      const { table } = family;
      if (table === undefined || family.items.length === 0) continue;
      for (const [owner, thief] of [
        [alice, bob],
        [bob, alice],
      ] as const)
        routes += await attackFamily(session, { family, table, owner, thief });
    }
    session.require(routes > 0, "the policy has routes that act on one object of a table");
    routes += await attackIdentityObjects(session);
    return await session.conclude(`Two tenants attacked each other's objects over ${routes} routes and got nothing.`);
  },
};

interface Attack {
  readonly family: ObjectRoutes;
  readonly table: string;
  readonly owner: Account;
  readonly thief: Account;
}

async function attackFamily(session: ProbeSession, attack: Attack): Promise<number> {
  const { family, table, owner, thief } = attack;
  const object = await makeObject(session, family, owner);
  const row = rowOf(session.policy, table, object.made.json);
  let attacked = 0;
  for (const { method, body } of family.items) {
    const operation = ACTIONS[method];
    if (operation === undefined || operation === "insert" || isAllowed(session, attack, operation, row)) continue;
    const sent = body ? { body: changeOf(body) } : {};
    const answer = await session.ask({ method, path: object.path, bearer: thief.accessToken, ...sent });
    attacked += 1;
    judgeRefused(session, `${method} ${family.collection}/:id of another tenant`, answer, object);
  }
  if (family.parent !== undefined) attacked += await attackBelow(session, attack, object, row);
  await judgeStill(session, family, owner, object);
  return attacked;
}

/** A fresh object belongs to nobody but its maker; the thief's memberships are none. */
function isAllowed(session: ProbeSession, { table, thief }: Attack, operation: TableAction, row: Row): boolean {
  const resource = operation === "insert" ? { newRow: row } : { row, newRow: row };
  const action = { kind: "table", table, operation } as const;
  return evaluate(session.policy, thief.subject, action, resource, { now: Date.now(), tables: {} }).allowed;
}

/** What is made below another's object, is listed there, or is reached by way of one's own. */
async function attackBelow(session: ProbeSession, attack: Attack, object: MadeObject, row: Row): Promise<number> {
  const { family, thief } = attack;
  const bearer = thief.accessToken;
  let attacked = 0;
  if (family.listable && !isAllowed(session, attack, "select", row)) {
    const listed = await session.ask({ method: "GET", path: object.collection, bearer });
    attacked += 1;
    session.judge({
      request: `GET ${family.collection} below another tenant's object`,
      expected: "refused, or a list without it",
      got: `${listed.status}${listed.text.includes(object.id) ? ", the object" : ""}`,
      held: listed.status < 500 && !listed.text.includes(object.id),
    });
  }
  if (!isAllowed(session, attack, "insert", row)) {
    const planted = await session.ask(makeRequest(family, thief, "probe planted", object.collection));
    attacked += 1;
    judgeRefused(session, `POST ${family.collection} below another tenant's object`, planted, object);
  }
  const own = await collectionFor(session, family, thief);
  for (const { method, body } of family.items) {
    const operation = ACTIONS[method];
    if (operation === undefined || isAllowed(session, attack, operation, row)) continue;
    const sent = body ? { body: changeOf(body) } : {};
    const answer = await session.ask({ method, path: `${own}/${object.id}`, bearer, ...sent });
    attacked += 1;
    judgeRefused(
      session,
      `${method} ${family.collection}/:id of another tenant, below an object of one's own`,
      answer,
      object,
    );
  }
  return attacked;
}

function judgeRefused(session: ProbeSession, request: string, answer: Answer, { id, made }: MadeObject): void {
  const holds = leaks(answer, made) || (answer.status < 400 && answer.text.includes(id));
  session.judge({
    request,
    expected: "refused with 403 and an event, or 404, nothing of the object in the answer",
    got: `${answer.status}${answer.status < 400 ? "" : ` ${errorWord(answer)}`}`,
    held: [403, 404].includes(answer.status) && !holds,
    // To row-level security a row that may not be seen is none: a 404 says, and records, no more than of any other id.
    ...(answer.status === 403
      ? { event: { name: ["database.refused", "edge.access-refused"] as const, correlation: answer.correlation } }
      : {}),
  });
}

/** The owner still finds the object, by its own address or in the list it stands in. */
async function judgeStill(
  session: ProbeSession,
  family: ObjectRoutes,
  owner: Account,
  object: MadeObject,
): Promise<void> {
  const hasAddress = family.items.some(({ method }) => method === "GET");
  if (!hasAddress && !family.listable) return;
  const [path, name] = hasAddress ? [object.path, `${family.collection}/:id`] : [object.collection, family.collection];
  const still = await session.ask({ method: "GET", path, bearer: owner.accessToken });
  session.judge({
    request: `GET ${name} as its owner after the attacks`,
    expected: "200, unchanged",
    got: String(still.status),
    held: still.status === 200 && still.text.includes(object.id) && sameText(still, object.made),
  });
}

/** A change that the schema accepts, also where it requires nothing. */
function changeOf(schema: Parameters<typeof sampleBody>[0]): unknown {
  const sample = sampleBody(schema, "stolen") as Record<string, unknown>;
  if (Object.keys(sample).length > 0) return sample;
  const [first] = Object.entries((schema["properties"] ?? {}) as Record<string, Parameters<typeof sampleBody>[0]>);
  return first ? { [first[0]]: sampleBody(first[1], "stolen") } : {};
}

function texts(answer: Answer): string[] {
  return Object.values((answer.json ?? {}) as Record<string, unknown>).filter(
    (value): value is string => typeof value === "string" && value.startsWith("probe "),
  );
}

function leaks(answer: Answer, made: Answer): boolean {
  return texts(made).some((text) => answer.text.includes(text));
}

function sameText(still: Answer, made: Answer): boolean {
  return texts(made).every((text) => still.text.includes(text));
}

/** A stranger's session and second factor are objects too. Returns how many routes were attacked. */
async function attackIdentityObjects(session: ProbeSession): Promise<number> {
  const [owner, thief] = await Promise.all([session.victim(), session.people.bob()]);
  const { account, factor } = await session.accounts.withSecondFactor(owner);
  const attacks: [string, string, unknown][] = [
    ["DELETE", `/auth/v1/user/sessions/${account.sessionId}`, undefined],
    ["DELETE", `/auth/v1/factors/${factor.id}`, undefined],
    ["POST", `/auth/v1/factors/${factor.id}/challenge`, {}],
    ["POST", `/auth/v1/factors/${factor.id}/verify`, { challenge_id: randomUUID(), code: "000000" }],
  ];
  for (const [method, path, body] of attacks) {
    const answer = await session.ask({ method, path, bearer: thief.accessToken, body });
    session.judge({
      request: `${method} ${path.replace(/[0-9a-f-]{36}/u, ":id")} of another person`,
      expected: "refused with 403 or 404, event edge.access-refused",
      got: `${answer.status}${answer.status < 400 ? "" : ` ${errorWord(answer)}`}`,
      held: [403, 404].includes(answer.status),
      event: { name: "edge.access-refused", correlation: answer.correlation },
    });
  }
  const still = await session.ask({ method: "GET", path: "/auth/v1/user", bearer: account.accessToken });
  session.judge({
    request: "GET /auth/v1/user as the owner after the attacks",
    expected: "200, the session lives",
    got: String(still.status),
    held: still.status === 200,
  });
  return attacks.length;
}
