import { everyKindOfAnswer } from "../answers.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { objectRoutes } from "../object-routes.ts";
import { headerOf } from "../pages.ts";

/** Traces of code, of SQL, of versions and of the machine (ASVS 5.0 §13.4.6, §16.5.1). */
const TRACES: readonly [string, RegExp][] = [
  ["a stack trace", /\bat (?:async )?[\w$.<>]+ \(|node:internal|\/node_modules\/|\.[tj]s:\d+:\d+/u],
  [
    "SQL",
    /\b(?:select|insert into|update|delete from)\s+[\w".*, ]+\s+(?:from|set|values|where)\b|syntax error at|violates .* constraint|SQLSTATE/iu,
  ],
  ["an address inside", /ECONNREFUSED|127\.0\.0\.1:\d+|\b10\.\d+\.\d+\.\d+|\/(?:home|root|work|var|usr)\//u],
  ["a version", /\b(?:fastify|express|node|postgres(?:ql)?|openssl|nginx)[/ ]v?\d+\.\d+/iu],
];

export const log04: Check = {
  ...fromAttackList("LOG-04"),
  title: "An error tells about the code: a stack trace, SQL, a version, an inner address.",
  kind: "attack",
  layers: ["edge", "api", "identity"],
  events: [],
  company: "together",
  sabotage: {
    name: "errors-with-stack",
    sentence: "Errors carry the stack trace of where they arose.",
    hole: {
      kind: "twin",
      answer: (answer) =>
        answer.status >= 400
          ? { ...answer, body: Buffer.concat([answer.body, Buffer.from("\n    at handler (/app/src/routes.ts:12:7)")]) }
          : answer,
    },
  },
  run: async (session) => {
    const alice = await session.people.alice();
    const bearer = alice.accessToken;
    const asked = [
      { method: "GET", path: "/auth/v1/user/sessions/not-a-uuid" },
      { method: "DELETE", path: "/auth/v1/user/sessions/not-a-uuid", bearer },
      { method: "DELETE", path: "/auth/v1/factors/not-a-uuid", bearer },
      { method: "POST", path: "/auth/v1/token?grant_type=none", bearer, body: {} },
      { method: "POST", path: "/auth/v1/token", bearer, body: { email: "x".repeat(5_000) } },
      { method: "PUT", path: "/auth/v1/user", bearer, body: { data: { nul: "\u0000" } } },
      { method: "GET", path: "/platform/v1/events?limit=x&after=x", bearer: session.target.serviceKey },
      { method: "GET", path: "/platform/v1/controls/no-such-control", bearer: session.target.serviceKey },
      ...objectRoutes(session.policy).flatMap(({ collection, items, listable }) => [
        ...(items.length > 0 ? [{ method: "GET", path: `${collection}/not-a-uuid`, bearer }] : []),
        ...(listable ? [{ method: "GET", path: `${collection}?limit=x&after=x&order=%27`, bearer }] : []),
      ]),
    ];
    const answers = await Promise.all(
      asked.map(async (request) => ({
        name: `${request.method} ${request.path.slice(0, 60)}`,
        answer: await session.ask(request),
      })),
    );
    for (const { name, answer } of answers) judge(name, answer.status, answer.text, headerOf(answer, "content-type"));
    for (const { name, status, text, headers } of await everyKindOfAnswer(session))
      if (status >= 400) judge(name, status, text, headers["content-type"] ?? "");
    return await session.conclude("No error told anything about the code behind it.");

    function judge(name: string, status: number, text: string, type: string): void {
      const found = TRACES.find(([, pattern]) => pattern.test(text))?.[0];
      session.judge({
        request: name,
        expected: "a bare problem, no server error",
        got: found ?? `${status} ${type}`,
        held: found === undefined && status < 500,
      });
    }
  },
};
