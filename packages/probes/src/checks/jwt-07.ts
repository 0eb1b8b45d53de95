import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { attackerKey, signedBy, takeApart } from "../forged-token.ts";
import { believesTokens } from "../sabotages.ts";
import { attackWithTokens } from "../token-attack.ts";

export const jwt07: Check = {
  ...fromAttackList("JWT-07"),
  title: "A token of another audience, another issuer or another deployment is accepted.",
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
        const key = attackerKey();
        const elsewhere = "https://staging.invalid/auth/v1";
        const payloads: [string, Record<string, unknown>][] = [
          ["another deployment's issuer", { ...payload, iss: elsewhere }],
          ["another audience", { ...payload, aud: "billing" }],
          ["two audiences", { ...payload, aud: ["authenticated", "billing"] }],
          ["our own claims, another deployment's key", payload],
          [
            "a service role of another deployment",
            { iss: elsewhere, aud: "authenticated", role: "service_role", iat: payload["iat"], exp: payload["exp"] },
          ],
        ];
        return payloads.map(([name, forged]) => ({ name, token: signedBy(key, header, forged) }));
      },
      "No token made for somebody else was accepted.",
    ),
};
