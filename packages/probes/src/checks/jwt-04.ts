import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { attackerKey, signedBy, takeApart } from "../forged-token.ts";
import { believesTokens } from "../sabotages.ts";
import { attackWithTokens } from "../token-attack.ts";

export const jwt04: Check = {
  ...fromAttackList("JWT-04"),
  title: "A token brings its own key (`jwk`, `jku`, `x5u`, `x5c`) and is accepted.",
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
        // A reserved name (RFC 2606 §2): a verifier that fetches it reaches nobody.
        const url = "https://attacker.invalid/keys.json";
        const headers: [string, Record<string, unknown>][] = [
          ["jwk in the header", { ...header, jwk: key.publicJwk }],
          ["jku to the attacker", { ...header, jku: url }],
          ["x5u to the attacker", { ...header, x5u: url }],
          ["x5c of the attacker", { ...header, x5c: [Buffer.from("attacker").toString("base64")] }],
          ["the right kid, the attacker's key", header],
        ];
        return headers.map(([name, forged]) => ({ name, token: signedBy(key, forged, payload) }));
      },
      "No token signed by a key of the attacker's was accepted.",
    ),
};
