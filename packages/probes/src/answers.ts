// One answer of every kind a deployment gives: page, API, and each way of refusing. Headers must be right on all of them.

import type { Answer } from "./edge-client.ts";
import { openPage, openToAnyone } from "./pages.ts";
import { ANONYMOUS } from "./people.ts";
import { sendRaw } from "./raw-connection.ts";
import type { ProbeSession } from "./session.ts";

export interface KnownAnswer {
  readonly name: string;
  readonly isPage: boolean;
  readonly status: number;
  /** Lower-case header names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const RAW_TIMEOUT_MS = 3_000;

/** Collects the answers. The page is absent when the policy has no page for everybody. */
export async function everyKindOfAnswer(session: ProbeSession): Promise<KnownAnswer[]> {
  const alice = await session.people.alice();
  const page = openToAnyone(session.policy, ANONYMOUS.subject);
  const asked: [string, Promise<Answer>, boolean][] = [
    ["an API answer", session.ask({ method: "GET", path: "/auth/v1/user", bearer: alice.accessToken }), false],
    ["a public API answer", session.ask({ method: "GET", path: "/auth/v1/health" }), false],
    ["a 401 without a token", session.ask({ method: "GET", path: "/auth/v1/user" }), false],
    ["a 401 with a bad token", session.ask({ method: "GET", path: "/auth/v1/user", bearer: "x.y.z" }), false],
    ["a 403", session.ask({ method: "GET", path: "/platform/v1/summary", bearer: alice.accessToken }), false],
    ["a 404", session.ask({ method: "GET", path: "/probe-no-such-route" }), false],
    ["a 405", session.ask({ method: "PATCH", path: "/auth/v1/user", bearer: alice.accessToken }), false],
    ["a 400 for a path", session.ask({ method: "GET", path: "/auth/v1/%2e%2e/user" }), false],
    [
      "a 400 for a body",
      session.ask({
        method: "POST",
        path: "/auth/v1/token?grant_type=password",
        bearer: alice.accessToken,
        body: "{",
        headers: { "content-type": "application/json" },
      }),
      false,
    ],
  ];
  asked.push(["a 404 in a browser", openPage(session, "/probe-no-such-page"), true]);
  if (page) asked.push(["a page", openPage(session, page.path), true]);
  const answers = await Promise.all(asked.map(async ([name, answer, isPage]) => known(name, await answer, isPage)));
  return [...answers, await malformedAnswer(session)];
}

function known(name: string, answer: Answer, isPage: boolean): KnownAnswer {
  const headers = Object.fromEntries(
    Object.entries(answer.headers).map(([key, value]) => [key.toLowerCase(), [value ?? ""].flat().join(", ")]),
  );
  return { name, isPage, status: answer.status, headers, text: answer.text };
}

/** What the server says to bytes that are no HTTP: written before there is a request, and easily forgotten. */
async function malformedAnswer(session: ProbeSession): Promise<KnownAnswer> {
  const answer = await sendRaw(session.target, "GET / HTTP/1.1\r\nHost: \u0001\r\n\r\n", { timeoutMs: RAW_TIMEOUT_MS });
  const [head = "", body = ""] = answer.text.split("\r\n\r\n", 2);
  const lines = head.split("\r\n").slice(1);
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return { name: "a 400 for what is no HTTP", isPage: false, status: answer.statuses[0] ?? 0, headers, text: body };
}
