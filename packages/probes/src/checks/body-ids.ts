import { randomUUID } from "node:crypto";
import type { Check } from "../check.ts";
import type { TwinRequest } from "../twin.ts";

const own = "/auth/v1/user";

/** What the careless twin was told about somebody: it believes the body about whom a request is. */
const told = new Map<string, unknown>();

function remember(request: TwinRequest): void {
  if (request.method !== "PUT" || request.path !== own) return;
  const body = JSON.parse(request.body.toString("utf8") || "{}") as {
    readonly user_id?: unknown;
    readonly data?: unknown;
  };
  if (typeof body.user_id === "string") told.set(body.user_id, body.data);
}

/** Whom a request is about is said by its token and nothing else (CVE-2025-61928: a userId in a body was believed). */
export const bodyIds: Check = {
  id: "body-ids",
  title: "A person names somebody else's account in a body, a query or a header, and acts for them.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V8.2.2", "V8.3.1"],
  wstg: ["WSTG-ATHZ-02"],
  events: [],
  company: "together",
  sabotage: {
    name: "body-says-who",
    sentence: "The account that a body names is the one that is changed.",
    hole: {
      kind: "twin",
      request: (request) => {
        remember(request);
        return request;
      },
      answer: (answer, request) => {
        const [, id = ""] = /^\/auth\/v1\/admin\/users\/([^/?]+)$/u.exec(request.path) ?? [];
        const data = told.get(id);
        if (data === undefined || answer.status !== 200) return answer;
        const user = JSON.parse(answer.body.toString("utf8")) as Record<string, unknown>;
        return { ...answer, body: Buffer.from(JSON.stringify({ ...user, user_metadata: data })) };
      },
    },
  },
  run: async (session) => {
    const [thief, victim] = [await session.victim(), await session.victim()];
    const { serviceKey } = session.target;
    const mark = randomUUID();
    const named = { id: victim.id, user_id: victim.id, userId: victim.id, sub: victim.id, email_of: victim.email };
    const headers = { "x-user-id": victim.id, "x-holdfast-subject": victim.id, "x-supabase-user": victim.id };
    const changed = await session.positive(
      "a person may change their own metadata",
      { method: "PUT", path: own, bearer: thief.accessToken, headers, body: { ...named, data: { mark } } },
      200,
    );
    session.judge({
      request: "change an account, naming another in the body",
      expected: "the token's own account",
      got: (changed.json as { readonly id?: unknown }).id === thief.id ? "its own" : "another",
      held: (changed.json as { readonly id?: unknown }).id === thief.id,
    });
    const read = await session.positive(
      "the account that was named can be read, as the service",
      { method: "GET", path: `/auth/v1/admin/users/${victim.id}`, bearer: serviceKey },
      200,
    );
    session.judge({
      request: "look for the change on the account that was named",
      expected: "none",
      got: read.text.includes(mark) ? "changed" : "none",
      held: !read.text.includes(mark),
    });
    const query = `${own}?user_id=${victim.id}&id=${victim.id}&sub=${victim.id}`;
    const asked = await session.ask({ method: "GET", path: query, bearer: thief.accessToken, headers });
    session.judge({
      request: "read an account, naming another in the query and in headers",
      expected: "the token's own account, or a refusal",
      got: asked.text.includes(victim.id) ? "the other one" : String(asked.status),
      held: !asked.text.includes(victim.id),
    });
    return await session.conclude("Every request was about the account of its token.");
  },
};
