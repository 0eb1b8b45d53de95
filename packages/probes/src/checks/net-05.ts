import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { headerOf, openPage, openToAnyone, pageCells } from "../pages.ts";
import { ANONYMOUS } from "../people.ts";
import { sendRaw } from "../raw-connection.ts";
import { judgeRawRefusal } from "../raw-refusal.ts";
import { refusals } from "../refusals.ts";
import { withoutStep } from "../sabotages.ts";
import type { Refusal } from "../session.ts";

const FOREIGN = "attacker.invalid";
const TIMEOUT_MS = 2_500;

/** Two Host fields are already a malformed request. */
const hostRefusal: Refusal = {
  status: [400, 421],
  code: ["host-malformed", "host-unknown", "malformed-request"],
  event: ["edge.host-refused", "edge.malformed-refused"],
};

export const net05: Check = {
  ...fromAttackList("NET-05"),
  title: "A foreign Host is served, or appears in an answer that a cache could keep.",
  kind: "attack",
  layers: ["edge", "mesh"],
  events: ["edge.host-refused"],
  company: "together",
  sabotage: withoutStep("host", "The gateway answers for every host."),
  run: async (session) => {
    const { host } = new URL(session.target.origin);
    const path = "/auth/v1/health";
    await session.positive("our own host is served", { method: "GET", path }, 200);
    for (const foreign of [FOREIGN, `${host}.${FOREIGN}`, `${FOREIGN}:443`, "127.0.0.1", `${host}@${FOREIGN}`]) {
      await session.expectRefused(
        { method: "GET", path, headers: { host: foreign } },
        refusals.hostUnknown,
        `Host: ${foreign}`,
      );
    }
    const raw: [string, string][] = [
      ["two Host fields", `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nHost: ${FOREIGN}\r\nConnection: close\r\n\r\n`],
      [
        "an absolute form of another host",
        `GET https://${FOREIGN}${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      ],
      ["no Host", `GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`],
    ];
    for (const [name, bytes] of raw) {
      const answer = await sendRaw(session.target, bytes, { timeoutMs: TIMEOUT_MS });
      judgeRawRefusal(session, name, answer, hostRefusal);
    }
    const spoof = {
      "x-forwarded-host": FOREIGN,
      "x-host": FOREIGN,
      "x-forwarded-server": FOREIGN,
      "x-original-host": FOREIGN,
    };
    const page = openToAnyone(session.policy, ANONYMOUS.subject);
    const guarded = pageCells(session.policy, ANONYMOUS.subject, Date.now()).find(({ decision }) => !decision.allowed);
    const paths = [path, "/probe-no-such-route", ...(page ? [page.path] : []), ...(guarded ? [guarded.path] : [])];
    for (const spoofed of paths) {
      const answer = await session.ask({ method: "GET", path: spoofed, headers: spoof });
      const told = answer.text.includes(FOREIGN) || headerOf(answer, "location").includes(FOREIGN);
      session.judge({
        request: `GET ${spoofed} with X-Forwarded-Host`,
        expected: "no word of it in the answer",
        got: told ? "the foreign host" : String(answer.status),
        held: !told,
      });
    }
    if (guarded) {
      const answer = await openPage(session, guarded.path);
      const location = headerOf(answer, "location");
      session.judge({
        request: `open ${guarded.path} without a session`,
        expected: "a relative Location",
        got: location || String(answer.status),
        held: location === "" ? answer.status >= 400 : /^\/(?![/\\])/u.test(location),
      });
    }
    return await session.conclude("Only our own host is served, and no other appears in an answer.");
  },
};
