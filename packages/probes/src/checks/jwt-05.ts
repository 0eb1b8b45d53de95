import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { attackerKey, hmacSigned, signedBy, takeApart } from "../forged-token.ts";
import { believesTokens } from "../sabotages.ts";
import { attackWithTokens } from "../token-attack.ts";

export const jwt05: Check = {
  ...fromAttackList("JWT-05"),
  title: "A key id that names no key (a path, SQL, nothing) falls back to a key the attacker knows.",
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
        const { kid: _, ...withoutKid } = header;
        const key = attackerKey();
        return [
          {
            name: "kid ../../../dev/null, empty secret",
            token: hmacSigned("", { ...header, kid: "../../../dev/null" }, payload),
          },
          { name: "kid with SQL", token: signedBy(key, { ...header, kid: "x' union select 'k' --" }, payload) },
          { name: "an unknown kid", token: signedBy(key, { ...header, kid: "probe-unknown" }, payload) },
          { name: "no kid", token: signedBy(key, withoutKid, payload) },
          { name: "a kid that is no text", token: signedBy(key, { ...header, kid: ["x"] }, payload) },
        ];
      },
      "No token with a key id of the attacker's choice was accepted.",
    ),
};
