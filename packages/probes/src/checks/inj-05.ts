import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { headerOf } from "../pages.ts";
import { sendRaw } from "../raw-connection.ts";
import { judgeRawRefusal } from "../raw-refusal.ts";
import { refusals } from "../refusals.ts";
import { withoutStep } from "../sabotages.ts";

const RAW_TIMEOUT_MS = 3_000;
const INJECTED = "probe-injected";

export const inj05: Check = {
  ...fromAttackList("INJ-05"),
  title: "A line break in a request becomes a header of the answer.",
  kind: "attack",
  layers: ["edge"],
  events: ["edge.path-refused", "edge.malformed-refused"],
  company: "together",
  sabotage: withoutStep("path", "The gateway takes paths as they come."),
  run: async (session) => {
    const breaks = ["%0d%0a", "%0a", "%0d", "%00"];
    for (const line of breaks) {
      const path = `/auth/v1/health${line}set-cookie:%20${INJECTED}=1`;
      const answer = await session.expectRefused({ method: "GET", path }, refusals.path);
      session.judge({
        request: `read the headers of the answer to ${path}`,
        expected: "nothing injected",
        got: headerOf(answer, "set-cookie") || "nothing",
        held: !headerOf(answer, "set-cookie").includes(INJECTED),
      });
    }
    const query = await session.ask({ method: "GET", path: `/auth/v1/health?x=%0d%0aset-cookie:${INJECTED}=1` });
    session.judge({
      request: "a line break in a query",
      expected: "nothing injected",
      got: headerOf(query, "set-cookie") || "nothing",
      held: headerOf(query, "set-cookie") === "",
    });
    const host = new URL(session.target.origin).host;
    const raw = await sendRaw(
      session.target,
      `GET /auth/v1/health HTTP/1.1\r\nHost: ${host}\r\nx-correlation-id: a\rset-cookie: ${INJECTED}=1\r\nConnection: close\r\n\r\n`,
      { timeoutMs: RAW_TIMEOUT_MS },
    );
    judgeRawRefusal(session, "a bare carriage return in a header", raw, refusals.malformed);
    session.judge({
      request: "read the headers of the answer to a bare carriage return",
      expected: "nothing injected",
      got: raw.text.toLowerCase().includes(`set-cookie: ${INJECTED}`) ? "the header" : "nothing",
      held: !raw.text.toLowerCase().includes(`set-cookie: ${INJECTED}`),
    });
    return await session.conclude("No line break of a request reached an answer's headers.");
  },
};
