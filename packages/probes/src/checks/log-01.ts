import { randomUUID } from "node:crypto";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { PROBE_AGENT } from "../edge-client.ts";
import { guessPassword } from "../sign-in-attack.ts";

/** Line breaks, a terminal's escape, an override of direction, and the end of a JSON text. */
const HOSTILE = ["\r\n", "\u001b[31m", "\u202e", '","name":"signin.succeeded'] as const;
const RAW = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

export const log01: Check = {
  ...fromAttackList("LOG-01"),
  title: "Text in a request forges or disturbs a line of the event log.",
  kind: "attack",
  layers: ["monitoring", "edge"],
  events: ["signin.failed"],
  company: "together",
  sabotage: {
    name: "raw-text-in-events",
    sentence: "Events hold text as it was sent, control characters included.",
    hole: {
      kind: "twin",
      answer: (answer, request) => {
        if (!request.path.startsWith("/platform/v1/events") || answer.status !== 200) return answer;
        return {
          ...answer,
          body: Buffer.from(answer.body.toString("utf8").replaceAll('"route":"', '"route":"\\u001b[31m')),
        };
      },
    },
  },
  run: async (session) => {
    for (const hostile of HOSTILE) {
      const email = `probe-${randomUUID()}${hostile}@probe.invalid`;
      const agent = `${PROBE_AGENT} ${hostile.replace(/[^\x20-\x7e]/gu, "?")}`;
      const answer = await guessPassword(session, email, "a wrong password", { headers: { "user-agent": agent } });
      session.require(answer.status >= 400 && answer.status < 500, "a sign-in with a hostile address is refused");
      const events = answer.status === 400 ? [await session.events.find(answer, "signin.failed")] : [];
      const found = [...events.filter((event) => event !== null), ...(await session.events.all(answer.correlation))];
      const raw = found.filter(({ text }) => hasRawText(text));
      const forged = found.filter(({ name }) => name === "signin.succeeded");
      session.judge({
        request: `sign in with ${JSON.stringify(hostile)} in the address and the user agent`,
        expected: "events without control characters, none forged",
        got:
          raw.length > 0
            ? "raw characters"
            : forged.length > 0
              ? "a forged event"
              : `${new Set(found).size} clean events`,
        held: raw.length === 0 && forged.length === 0 && found.length > 0,
        ...(answer.status === 400
          ? { event: { name: "signin.failed" as const, correlation: answer.correlation } }
          : {}),
      });
    }
    const odd = await session.ask({
      method: "GET",
      path: "/auth/v1/user",
      headers: { "x-correlation-id": `probe ${randomUUID()}` },
    });
    const believed = await session.events.all(odd.correlation);
    session.judge({
      request: "a correlation id with a space",
      expected: "not taken over into events",
      got: believed.length === 0 ? "not taken" : "taken",
      held: believed.length === 0,
    });
    return await session.conclude("Hostile text reached the log as harmless text or not at all.");
  },
};

/** Whether any text of the record holds a character that a reader's terminal would obey. */
function hasRawText(json: string): boolean {
  let raw = false;
  JSON.parse(json, (_, value: unknown) => {
    if (typeof value === "string" && RAW.test(value)) raw = true;
    return value;
  });
  return raw;
}
