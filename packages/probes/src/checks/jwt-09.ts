import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { hmacSigned, takeApart } from "../forged-token.ts";
import { believesTokens } from "../sabotages.ts";
import { attackWithTokens } from "../token-attack.ts";

/** What stands in tutorials, examples and the defaults of other servers, Supabase's own among them: tried first by everybody. */
const KNOWN_SECRETS = [
  "",
  "secret",
  "secretkey",
  "changeme",
  "password",
  "your-256-bit-secret",
  "your-super-secret-jwt-token-with-at-least-32-characters-long",
  "super-secret-jwt-token-with-at-least-32-characters-long",
  "jwt-secret",
  "holdfast",
  "0".repeat(32),
  "\0".repeat(32),
] as const;

export const jwt09: Check = {
  ...fromAttackList("JWT-09"),
  title: "A token is signed with a secret that a dictionary holds, and is accepted.",
  kind: "attack",
  layers: ["edge", "identity"],
  events: ["edge.token-refused"],
  company: "together",
  sabotage: believesTokens,
  run: (session) =>
    attackWithTokens(
      session,
      (genuine) => {
        const { header, payload } = takeApart(genuine);
        const algorithm = takeApart(session.target.serviceKey).header["alg"];
        session.judge({
          request: "read the algorithms of an access token and of the service key",
          expected: "no HMAC: there is no secret to guess",
          got: `${String(header["alg"])} and ${String(algorithm)}`,
          held: [header["alg"], algorithm].every((alg) => typeof alg === "string" && !/^HS/iu.test(alg)),
        });
        return KNOWN_SECRETS.map((secret) => ({
          name: `HS256 with the secret ${JSON.stringify(secret.slice(0, 12))}`,
          token: hmacSigned(secret, header, payload),
        }));
      },
      `No token signed with one of ${KNOWN_SECRETS.length} known secrets was accepted; our own have none.`,
    ),
};
