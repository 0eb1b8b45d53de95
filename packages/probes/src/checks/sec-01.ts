import { randomBytes } from "node:crypto";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { openPage, pageCells } from "../pages.ts";
import { ANONYMOUS } from "../people.ts";
import type { ProbeSession } from "../session.ts";
import { guessPassword } from "../sign-in-attack.ts";

const SCRIPT = /(?:src|href)="([^"]+\.(?:js|css|json))"/gu;
const SECRET_SHAPES =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----|AKIA[0-9A-Z]{16}|postgres(?:ql)?:\/\/[^\s"']+:[^\s"'@]+@|"d":"[A-Za-z0-9_-]{40,}"/u;

export const sec01: Check = {
  ...fromAttackList("SEC-01"),
  title: "A secret appears in an event, an error, a metric, a page or a script.",
  kind: "attack",
  layers: ["identity", "edge", "monitoring", "browser"],
  events: ["signin.failed"],
  company: "together",
  sabotage: {
    name: "errors-repeat-passwords",
    sentence: "A refusal repeats the password that was sent.",
    hole: {
      kind: "twin",
      answer: (answer, request) =>
        request.path.startsWith("/auth/v1/token") && answer.status >= 400
          ? { ...answer, body: Buffer.concat([answer.body, request.body]) }
          : answer,
    },
  },
  run: async (session) => {
    const canary = `canary-${randomBytes(18).toString("base64url")}`;
    session.redaction.hide(canary, "canary");
    const bearer = session.target.serviceKey;
    const alice = await session.people.alice();
    const looks: [string, string][] = [];
    const failed = await guessPassword(session, `probe-nobody@probe.invalid`, canary);
    looks.push(["the answer to a failed sign-in", failed.text]);
    const invalid = await session.ask({
      method: "GET",
      path: `/auth/v1/user?password=${canary}`,
      bearer: `${canary}.x.y`,
    });
    looks.push(["the answer to an invalid token", invalid.text]);
    const malformed = await session.ask({
      method: "POST",
      path: "/auth/v1/token?grant_type=password",
      bearer: alice.accessToken,
      headers: { "content-type": "application/json" },
      body: `{"password":"${canary}"`,
    });
    looks.push(["the answer to a broken body", malformed.text]);
    session.judge({
      request: "a failed sign-in with a canary as the password",
      expected: "refused with 400, event signin.failed",
      got: String(failed.status),
      held: failed.status === 400,
      event: { name: "signin.failed", correlation: failed.correlation },
    });
    await session.events.find(failed, "signin.failed");
    for (const answer of [failed, invalid, malformed]) {
      for (const seen of await session.events.all(answer.correlation))
        looks.push([`the event ${seen.name}`, seen.text]);
    }
    const metrics = await session.positive(
      "metrics can be read by the service",
      { method: "GET", path: "/metrics", bearer },
      200,
    );
    looks.push(["the metrics", metrics.text]);
    looks.push(...(await openPages(session)));
    const secrets: [string, string][] = [
      ["the canary", canary],
      ["the service key", bearer],
      ["an access token", alice.accessToken],
      ["a refresh token", alice.refreshToken],
      ["a password", alice.password],
    ];
    for (const [where, text] of looks) {
      const found =
        secrets.find(([, secret]) => text.includes(secret))?.[0] ?? SECRET_SHAPES.exec(text)?.[0]?.slice(0, 20);
      session.judge({
        request: `search ${where}`,
        expected: "no secret",
        got: found ?? "none",
        held: found === undefined,
      });
    }
    return await session.conclude(
      `${looks.length} places were searched for ${secrets.length} secrets; none was there.`,
    );
  },
};

/** The pages that anybody may open, and what they load. */
async function openPages(session: ProbeSession): Promise<[string, string][]> {
  const looks: [string, string][] = [];
  const pages = pageCells(session.policy, ANONYMOUS.subject, Date.now()).filter((cell) => cell.decision.allowed);
  for (const { path } of pages.slice(0, 2)) {
    const page = await openPage(session, path);
    looks.push([`the page ${path}`, page.text]);
    for (const [, source = ""] of [...page.text.matchAll(SCRIPT)].slice(0, 6)) {
      const { pathname } = new URL(source, session.target.origin);
      looks.push([pathname, (await session.ask({ method: "GET", path: pathname })).text]);
    }
  }
  return looks;
}
