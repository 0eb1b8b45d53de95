import { sessionFrom } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import type { ProbeSession } from "../session.ts";
import { refresh } from "../token-attack.ts";

/** Refreshes of one session: enough to see a counter or a constant, few enough for the route's limit. */
const SAMPLES = 16;
/** The unpredictable end of a refresh token: 128 bits (ASVS 5.0 §7.2.3). */
const SECRET_BYTES = 16;
/** Two independent 128-bit values differ in 64 bits on average; fewer than this has a chance below 10⁻⁹. */
const DIFFERING_BITS_MIN = 30;
/** What every token of the broken twin ends with: 128 bits of zeros in base64url. */
const PREDICTABLE_END = "A".repeat(22);

export const ses07: Check = {
  ...fromAttackList("SES-07"),
  title: "Session ids or refresh tokens repeat or can be predicted, in the sample that was taken.",
  kind: "attack",
  layers: ["identity"],
  events: [],
  company: "together",
  sabotage: {
    name: "predictable-refresh-tokens",
    sentence: "The end of every refresh token is the same.",
    hole: {
      kind: "twin",
      request: (request) => ({
        ...request,
        body: Buffer.from(request.body.toString("utf8").replace(`${PREDICTABLE_END}"`, '"')),
      }),
      answer: (answer, request) => {
        if (!request.path.startsWith("/auth/v1/token") || answer.status !== 200) return answer;
        const text = answer.body.toString("utf8").replace(/("refresh_token":"[^"]+)"/u, `$1${PREDICTABLE_END}"`);
        return { ...answer, body: Buffer.from(text) };
      },
    },
  },
  run: async (session) => {
    const [victim, other] = await Promise.all([session.victim(), session.victim()]);
    const tokens = [victim.refreshToken, ...(await rotate(session, victim))];
    const ids = [
      victim.sessionId,
      other.sessionId,
      (await session.people.alice()).sessionId,
      (await session.people.bob()).sessionId,
    ];
    session.judge({
      request: `compare ${ids.length} session ids`,
      expected: "all different, 128-bit identifiers",
      got: `${new Set(ids).size} different`,
      held: new Set(ids).size === ids.length && ids.every((id) => /^[0-9a-f-]{36}$/u.test(id)),
    });
    session.require(tokens.length > 1, "a session can be refreshed more than once");
    tokens.slice(1).forEach((token, index) => {
      const bits = differingBits(secretOf(tokens[index] ?? ""), secretOf(token));
      session.judge({
        request: `compare refresh tokens ${index} and ${index + 1}`,
        expected: `at least ${DIFFERING_BITS_MIN} of the last ${SECRET_BYTES * 8} bits differ`,
        got: `${bits} bits differ`,
        held: bits >= DIFFERING_BITS_MIN,
      });
    });
    return await session.conclude(
      `${tokens.length} refresh tokens and ${ids.length} session ids showed no pattern and no repetition.`,
    );
  },
};

async function rotate(session: ProbeSession, victim: { accessToken: string; refreshToken: string }): Promise<string[]> {
  const tokens: string[] = [];
  let current = victim.refreshToken;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const answer = await refresh(session, current, victim.accessToken);
    // A deployment that hands out what it does not accept has broken its own tokens; what was seen is judged.
    if (answer.status !== 200) break;
    current = sessionFrom(answer, session.redaction, "a refreshed session").refreshToken;
    tokens.push(current);
  }
  return tokens;
}

function secretOf(token: string): Buffer {
  return Buffer.from(token, "base64url").subarray(-SECRET_BYTES);
}

function differingBits(left: Buffer, right: Buffer): number {
  let bits = 0;
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    for (let byte = (left[at] ?? 0) ^ (right[at] ?? 0); byte > 0; byte >>= 1) bits += byte & 1;
  }
  return bits;
}
