import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { encodePart, takeApart, unsigned } from "../forged-token.ts";
import { believesTokens } from "../sabotages.ts";
import { attackWithTokens } from "../token-attack.ts";

const SIGNATURE_BYTES = 64;

export const jwt03: Check = {
  ...fromAttackList("JWT-03"),
  title: "A token with a stripped, truncated or foreign signature, or an edited payload, is accepted.",
  kind: "attack",
  layers: ["edge", "identity"],
  events: ["edge.token-refused"],
  company: "together",
  sabotage: believesTokens,
  run: async (session) => {
    const bob = await session.people.bob();
    return await attackWithTokens(
      session,
      (genuine) => {
        const { header, payload, signature } = takeApart(genuine);
        const raised = { ...payload, aal: "aal2", app_metadata: { roles: Object.keys(session.policy.roles) } };
        const [encodedHeader] = genuine.split(".");
        return [
          { name: "no signature", token: unsigned(header, payload) },
          { name: "two parts", token: genuine.split(".").slice(0, 2).join(".") },
          { name: "half a signature", token: unsigned(header, payload, signature.slice(0, signature.length / 2)) },
          // CVE-2022-21449: r = s = 0 satisfied a careless ECDSA verifier for every message.
          {
            name: "a signature of zeros",
            token: unsigned(header, payload, Buffer.alloc(SIGNATURE_BYTES).toString("base64url")),
          },
          { name: "raised roles, old signature", token: `${encodedHeader}.${encodePart(raised)}.${signature}` },
          {
            name: "the signature of another token",
            token: unsigned(header, payload, takeApart(bob.accessToken).signature),
          },
        ];
      },
      "No token with a broken signature was accepted.",
    );
  },
};
