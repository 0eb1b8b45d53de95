import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import type { Answer, Asked } from "../edge-client.ts";
import { mainFamily, makeObject, makeRequest } from "../object-routes.ts";
import type { ProbeSession } from "../session.ts";
import { twinJson } from "../twin.ts";

const SLEEP_SECONDS = 5;
/** A time-based injection must take at least this long; an honest answer never does. */
const SUSPICIOUS_MS = 4_500;
const DATABASE_WORDS = /syntax error|SQLSTATE|pg_catalog|unterminated|invalid input syntax|relation "|column "/iu;
const PAYLOADS = [
  "'",
  "' or '1'='1",
  "1 or 1=1",
  `'; select pg_sleep(${SLEEP_SECONDS})--`,
  `' union select null,null,null--`,
  "id; drop table content--",
  "->>'owner_id'",
] as const;

export const inj01: Check = {
  ...fromAttackList("INJ-01"),
  title: "Text in a request is run as SQL: by error, by condition, by time, in an order or a JSON operator.",
  kind: "attack",
  layers: ["api", "identity", "database"],
  events: [],
  company: "together",
  sabotage: {
    name: "sql-by-concatenation",
    sentence: "A quote in a request reaches the database as syntax.",
    hole: {
      kind: "twin",
      request: (request) =>
        decodeURIComponent(request.path.replace(/%(?![0-9A-Fa-f]{2})/gu, "%25")).includes("'")
          ? twinJson(500, { error: 'syntax error at or near "\'"' })
          : request,
    },
  },
  run: async (session) => {
    const [alice, bob] = await Promise.all([session.people.alice(), session.people.bob()]);
    const family = mainFamily(session, alice);
    const secret = `probe secret ${alice.id}`;
    const { path } = await makeObject(session, family, alice, secret);
    for (const payload of PAYLOADS) {
      const encoded = encodeURIComponent(payload);
      const requests: [string, Asked][] = [
        ["an id", { method: "GET", path: `${family.collection}/${encoded}`, bearer: bob.accessToken }],
        ["an id after a real one", { method: "GET", path: `${path}${encoded}`, bearer: bob.accessToken }],
        [
          "a query",
          {
            method: "GET",
            path: `${family.collection}?order=${encoded}&status=${encoded}&limit=${encoded}`,
            bearer: bob.accessToken,
          },
        ],
        ["an account id", { method: "DELETE", path: `/auth/v1/user/sessions/${encoded}`, bearer: bob.accessToken }],
      ];
      for (const [place, asked] of requests) await judgeInjection(session, `${payload} as ${place}`, asked, secret);
      await judgeStored(session, payload, makeRequest(family, bob, `probe ${payload}`));
    }
    return await session.conclude(`${PAYLOADS.length} payloads in 5 places were treated as text.`);
  },
};

async function judgeInjection(session: ProbeSession, what: string, asked: Asked, secret: string): Promise<void> {
  const started = performance.now();
  const answer = await session.ask(asked);
  const faults = faultsOf(answer, performance.now() - started, secret);
  session.judge({
    request: what,
    expected: "treated as text",
    got: faults.join(", ") || String(answer.status),
    held: faults.length === 0,
  });
}

/** Text that is stored must come back as it was sent: neither run nor mangled. */
async function judgeStored(session: ProbeSession, payload: string, asked: Asked): Promise<void> {
  const answer = await session.ask(asked);
  const id = (answer.json as { id?: string } | undefined)?.id;
  if (id !== undefined)
    session.afterwards(
      async () =>
        void (await session.ask({ ...asked, method: "DELETE", path: `${asked.path}/${id}`, body: undefined })),
    );
  const kept = JSON.stringify(answer.json ?? "").includes(JSON.stringify(payload).slice(1, -1));
  session.judge({
    request: `${payload} as stored text`,
    expected: "stored as it is, or refused as invalid",
    got: `${answer.status}${kept ? ", unchanged" : ""}`,
    held: ([200, 201].includes(answer.status) && kept) || [400, 422].includes(answer.status),
  });
}

function faultsOf(answer: Answer, elapsedMs: number, secret: string): string[] {
  return [
    ...(answer.status >= 500 ? [`status ${answer.status}`] : []),
    ...(answer.text.includes(secret) ? ["another tenant's object"] : []),
    ...(DATABASE_WORDS.test(answer.text) ? ["words of the database"] : []),
    ...(elapsedMs > SUSPICIOUS_MS ? ["the database slept"] : []),
  ];
}
