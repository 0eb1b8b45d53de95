import { createPublicKey } from "node:crypto";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { hmacSigned, takeApart } from "../forged-token.ts";
import { believesTokens } from "../sabotages.ts";
import { attackWithTokens, publishedKeys } from "../token-attack.ts";

export const jwt02: Check = {
  ...fromAttackList("JWT-02"),
  title: "The published key, used as an HMAC secret, signs a token that is accepted.",
  kind: "attack",
  layers: ["edge", "identity"],
  events: ["edge.token-refused"],
  company: "together",
  sabotage: believesTokens,
  run: async (session) => {
    const [key = {}] = await publishedKeys(session);
    const publicKey = createPublicKey({ key, format: "jwk" });
    const secrets: [string, string | Buffer][] = [
      ["the PEM", publicKey.export({ type: "spki", format: "pem" }).toString()],
      ["the DER", publicKey.export({ type: "spki", format: "der" })],
      ["the JWK's text", JSON.stringify(key)],
      ["nothing", ""],
    ];
    return await attackWithTokens(
      session,
      (genuine) => {
        const { header, payload } = takeApart(genuine);
        return secrets.map(([name, secret]) => ({
          name: `HS256 with ${name} as secret`,
          token: hmacSigned(secret, header, payload),
        }));
      },
      "No token signed with the public key as a secret was accepted.",
    );
  },
};
