// The attacks on access tokens differ only in the token: one route, one right answer.
import type { CheckRun } from "./check-run.ts";
import type { Answer } from "./edge-client.ts";
import { refusals } from "./refusals.ts";
import type { ProbeSession } from "./session.ts";

/** A route that every signed-in person may read, on every deployment. */
export const OWN_ACCOUNT = "/auth/v1/user";

export interface ForgedToken {
  readonly name: string;
  readonly token: string;
}

/** Proves that a real token opens the door, then that none of the forged ones does. */
export async function attackWithTokens(
  session: ProbeSession,
  forge: (genuine: string) => readonly ForgedToken[] | Promise<readonly ForgedToken[]>,
  sentence: string,
): Promise<CheckRun> {
  const alice = await session.people.alice();
  await session.positive(
    "a real access token is accepted",
    { method: "GET", path: OWN_ACCOUNT, bearer: alice.accessToken },
    200,
  );
  for (const { name, token } of await forge(alice.accessToken)) {
    session.redaction.hide(token, "forged-token");
    await session.expectRefused({ method: "GET", path: OWN_ACCOUNT, bearer: token }, refusals.token, name);
  }
  return await session.conclude(sentence);
}

/** The keys the deployment publishes. */
export async function publishedKeys(session: ProbeSession): Promise<readonly Record<string, unknown>[]> {
  const answer = await session.positive(
    "the key set is published",
    { method: "GET", path: "/auth/v1/.well-known/jwks.json" },
    200,
  );
  const { keys } = answer.json as { keys?: Record<string, unknown>[] };
  session.require((keys?.length ?? 0) > 0, "the key set holds a key");
  return keys ?? [];
}

/** Exchanges a refresh token; judges nothing. The bearer only decides whose limit pays. */
export function refresh(session: ProbeSession, refreshToken: string, bearer?: string): Promise<Answer> {
  return session.ask({
    method: "POST",
    path: "/auth/v1/token?grant_type=refresh_token",
    body: { refresh_token: refreshToken },
    ...(bearer === undefined ? {} : { bearer }),
  });
}
