import type pg from "pg";
import { NO_KEY_ID, tableName } from "../canary-rows.ts";
import type { Check } from "../check.ts";
import { administratorConnection, quoteIdentifier } from "../database-session.ts";
import type { ProbeSession } from "../session.ts";

/** What is long and random enough to be a key: 32 bytes in hexadecimal or base64. The name of a service's key has colons. */
const KEY_MATERIAL = /"[A-Za-z0-9+/_=-]{43,}"/u;
const DAY_MS = 86_400_000;
const AGE_DAYS_MAX = 400;

interface KeyGroup {
  readonly purpose?: unknown;
  readonly dataClass?: unknown;
  readonly active?: unknown;
  readonly oldestActiveAt?: unknown;
  readonly guardedBy?: unknown;
}

export const dataKeys: Check = {
  id: "data-keys",
  title: "A key of the vault leaves it, serves two purposes, or is older than a key may be.",
  kind: "attack",
  layers: ["database", "api"],
  asvs: ["V11.1.1", "V13.3.1", "V13.3.3"],
  wstg: ["WSTG-CRYP-04"],
  events: [],
  company: "together",
  sabotage: {
    name: "lists-keys-with-material",
    sentence: "The list of keys shows one of them in the clear.",
    hole: {
      kind: "twin",
      answer: (answer, request) => {
        if (request.path !== "/platform/v1/keys" || answer.status !== 200) return answer;
        const text = answer.body.toString().replace('"purpose"', `"key":"${"0123456789abcdef".repeat(4)}","purpose"`);
        const headers = { ...answer.headers, "content-length": String(Buffer.byteLength(text)) };
        return { ...answer, headers, body: Buffer.from(text) };
      },
    },
  },
  run: async (session) => {
    const bearer = session.target.serviceKey;
    const list = { method: "GET", path: "/platform/v1/keys", bearer } as const;
    const { text, json } = await session.positive("the vault's keys are listed", list, 200);
    const keys = (json as { readonly keys?: readonly KeyGroup[] } | undefined)?.keys ?? [];
    session.require(keys.length > 0, "the vault has keys");
    session.judge({
      request: "look for a key in the list of keys",
      expected: "names, states and dates only",
      got: KEY_MATERIAL.test(text) ? "something as long as a key" : "names, states and dates only",
      held: !KEY_MATERIAL.test(text),
    });
    for (const key of keys) judgeGroup(session, key);
    await session.expectRefused({ method: "GET", path: list.path }, { status: 401 }, "anonymous");
    await attackColumns(session, await administratorConnection(session));
    return await session.conclude(
      "Every key has one purpose, one class of data, a date and a guard, and none was shown.",
    );
  },
};

function judgeGroup(session: ProbeSession, { purpose, dataClass, active, oldestActiveAt, guardedBy }: KeyGroup): void {
  const isNamed = typeof purpose === "string" && typeof dataClass === "string" && Array.isArray(guardedBy);
  const age = typeof oldestActiveAt === "number" ? (Date.now() - oldestActiveAt) / DAY_MS : 0;
  const isDated = active === 0 || (typeof oldestActiveAt === "number" && age <= AGE_DAYS_MAX);
  session.judge({
    request: `the key of ${String(purpose)} ${String(dataClass)}`,
    expected: `a purpose, a class, a guard, and younger than ${AGE_DAYS_MAX} days`,
    got: isNamed && isDated ? "all of them" : `${String(purpose)}, ${String(dataClass)}, ${Math.round(age)} days old`,
    held: isNamed && isDated,
  });
}

/** The key that each sealed value names: none may have sealed values of two columns. */
async function attackColumns(session: ProbeSession, administrator: pg.Client): Promise<void> {
  const usedBy = new Map<string, Set<string>>();
  for (const [table, rule] of Object.entries(session.policy.tables)) {
    for (const [column, { sealed }] of Object.entries(rule.columns)) {
      if (sealed === undefined) continue;
      const { rows } = await administrator.query<{ key: string }>(
        `select distinct encode(substr(${quoteIdentifier(column)}, 3, 20), 'hex') as key from ${tableName(rule)}
          where ${quoteIdentifier(column)} is not null and substr(${quoteIdentifier(column)}, 3, 20) <> $1 limit 10000`,
        [NO_KEY_ID],
      );
      for (const { key } of rows) usedBy.set(key, (usedBy.get(key) ?? new Set()).add(`${table}.${column}`));
    }
  }
  const shared = [...usedBy.values()].filter((columns) => columns.size > 1);
  session.judge({
    request: "compare the keys that sealed values of different columns name",
    expected: "no key in two columns",
    got: shared.length === 0 ? `${usedBy.size} keys, none in two columns` : [...(shared[0] ?? [])].join(" and "),
    held: shared.length === 0,
  });
}
