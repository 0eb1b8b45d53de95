// Bodies as an attacker would write them, drawn from the schema of the route they are sent to: most of what they hold has the right
// shape, so that it comes far, and something in it is wrong.

import fc from "fast-check";
import Fastify from "fastify";
import type { IdentityContext } from "../identity-context.ts";
import { routes } from "../routes.ts";
import { testPolicy } from "./start-identity.ts";

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** The body's schema of each route that has one, keyed as in the table of routes. */
export async function bodySchemas(): Promise<ReadonlyMap<string, Schema>> {
  const schemas = new Map<string, Schema>();
  const app = Fastify();
  let current = "";
  app.addHook("onRoute", ({ schema }) => {
    if (schema?.body !== undefined) schemas.set(current, schema.body as Schema);
  });
  // A route reads the policy and the published keys when it is added, and nothing else.
  const context = { policy: testPolicy, keys: { published: () => ({ keys: [] }) } } as unknown as IdentityContext;
  for (const [route, add] of Object.entries(routes)) {
    current = route;
    add(app, context);
    // What a route adds in a scope of its own is there once it is ready.
    await app.after();
  }
  await app.close();
  return schemas;
}

const bigCharacters = 60_000;

export const hostileText = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "",
      " ",
      "a@b.test",
      "A@B.TEST",
      "ａ@b.test",
      "@",
      "\u0000",
      "\ud800",
      "\u202e",
      "1",
      "-1",
      "null",
      "24h",
      "9e99h",
      "totp",
      "phone",
      "webauthn",
      "signup",
      "email_change",
      "recovery",
      "sms",
      "123456",
      "+41790000000",
      "__proto__",
      "' or 1=1 --",
      "%00",
      "https://evil.example/",
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 3 }).map((part) => part.repeat(2000)) },
  { weight: 1, arbitrary: fc.constant("x".repeat(bigCharacters)) },
);

const anything = fc.oneof(hostileText, fc.uuid(), fc.jsonValue({ maxDepth: 4 }), fc.double(), fc.constant([[]]));

function fitting(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.properties !== undefined) return record(schema.properties);
  const [type] = [schema.type ?? "string"].flat();
  switch (type) {
    case "boolean":
      return fc.boolean();
    case "object":
      return fc.dictionary(fc.constantFrom("roles", "name", "__proto__", "provider"), anything, { maxKeys: 3 });
    case "integer":
    case "number":
      return fc.integer();
    case "array":
      return fc.array(anything, { maxLength: 3 });
    default:
      return schema.pattern?.includes("[0-9a-f]{8}-") === true ? fc.uuid() : hostileText;
  }
}

function record(properties: Readonly<Record<string, Schema>>): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, schema]) =>
    fc
      .oneof({ weight: 4, arbitrary: fitting(schema) }, { weight: 1, arbitrary: anything })
      .map((value): [string, unknown] => [name, value]),
  );
  return fc.tuple(...fields).chain((all) => fc.subarray(all).map((some) => Object.fromEntries(some)));
}

/** Adds what JSON allows and nobody means: a key twice, keys of a prototype. */
const spoilt = (text: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    text,
    text,
    text,
    text.replace(/^\{/, '{"__proto__":{"isAdmin":true},'),
    text.replace(/^\{/, '{"constructor":{"prototype":{"isAdmin":true}},'),
    text.replace(/^\{("[^"]+":)/, '{$1"first",$1'),
    `${text.slice(0, -1)},}`,
    `\ufeff${text}`,
    `[${text}]`,
  );

/** The text of a body for a route with this schema, or for one without. */
export const hostileBody = (schema: Schema | undefined): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: (schema === undefined ? fc.object({ maxDepth: 2 }) : fitting(schema))
        .map((value) => JSON.stringify(value))
        .chain(spoilt),
    },
    { weight: 1, arbitrary: fc.json({ maxDepth: 6 }) },
    { weight: 1, arbitrary: hostileText },
    { weight: 1, arbitrary: fc.constant(`{"a":${"[".repeat(200)}${"]".repeat(200)}}`) },
  );
