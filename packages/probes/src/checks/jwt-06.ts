import { decodeClaims } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { refusals } from "../refusals.ts";
import type { ProbeSession } from "../session.ts";
import { OWN_ACCOUNT, refresh } from "../token-attack.ts";

const CENTURY_SECONDS = 100 * 365 * 86_400;
const SERVICE_YEARS_MAX_SECONDS = 10 * 366 * 86_400;
const MARGIN_MS = 60_000;

export const jwt06: Check = {
  ...fromAttackList("JWT-06"),
  title: "A token lives longer than the policy says, or is accepted after its end.",
  kind: "attack",
  layers: ["edge", "identity"],
  events: ["edge.token-refused"],
  // With a clock it moves time: last of all.
  company: "alone",
  sabotage: {
    name: "tokens-for-a-century",
    sentence: "Access tokens are issued for a hundred years.",
    hole: {
      kind: "policy",
      change: (policy) => ({
        ...policy,
        identity: {
          ...policy.identity,
          session: {
            ...policy.identity.session,
            accessTokenSeconds: CENTURY_SECONDS,
            absoluteSeconds: CENTURY_SECONDS,
          },
        },
      }),
    },
  },
  run: async (session) => {
    const victim = await session.victim();
    await session.positive(
      "a fresh token is accepted",
      { method: "GET", path: OWN_ACCOUNT, bearer: victim.accessToken },
      200,
    );
    const refreshed = (await refresh(session, victim.refreshToken, victim.accessToken)).json as
      | { access_token?: string }
      | undefined;
    const longest = session.policy.identity.session.accessTokenSeconds;
    judgeLifetime(session, "the token of a sign-in", victim.claims, longest);
    session.require(typeof refreshed?.access_token === "string", "a session can be refreshed");
    judgeLifetime(session, "the token of a refresh", decodeClaims(refreshed?.access_token ?? ""), longest);
    judgeLifetime(session, "the service key", decodeClaims(session.target.serviceKey), SERVICE_YEARS_MAX_SECONDS);
    if (session.target.clock) {
      await session.target.clock.advance(longest * 1000 + MARGIN_MS);
      await session.expectRefused(
        { method: "GET", path: OWN_ACCOUNT, bearer: victim.accessToken },
        refusals.token,
        "a token after its end",
      );
    }
    return await session.conclude(
      session.target.clock
        ? "Every token ends when the policy says, and is refused after its end."
        : "Every token issued ends when the policy says. (Expiry itself is tried on a deployment whose clock can be moved.)",
    );
  },
};

function judgeLifetime(
  session: ProbeSession,
  what: string,
  claims: Readonly<Record<string, unknown>>,
  longestSeconds: number,
): void {
  const { exp, iat } = claims;
  const lifetime = Number(exp) - Number(iat);
  session.judge({
    request: `read exp and iat of ${what}`,
    expected: `a lifetime of at most ${longestSeconds} s`,
    got: Number.isFinite(lifetime) ? `${lifetime} s` : "no lifetime",
    held: Number.isFinite(lifetime) && lifetime > 0 && lifetime <= longestSeconds,
  });
}
