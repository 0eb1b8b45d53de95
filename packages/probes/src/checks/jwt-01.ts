import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { takeApart, unsigned } from "../forged-token.ts";
import { believesTokens } from "../sabotages.ts";
import { attackWithTokens } from "../token-attack.ts";

/** RFC 8725 §3.1: an algorithm is chosen by the verifier, never by the token. */
const SPELLINGS = ["none", "None", "NONE", "nOnE", ""] as const;

export const jwt01: Check = {
  ...fromAttackList("JWT-01"),
  title: "A token without a signature (`alg: none`, in any spelling) is accepted.",
  kind: "attack",
  layers: ["edge", "identity"],
  events: ["edge.token-refused"],
  company: "together",
  sabotage: believesTokens,
  run: (session) =>
    attackWithTokens(
      session,
      (genuine) => {
        const { header, payload, signature } = takeApart(genuine);
        return SPELLINGS.flatMap((alg) => [
          { name: `alg "${alg}", no signature`, token: unsigned({ ...header, alg }, payload) },
          ...(alg === "none"
            ? [{ name: `alg "${alg}", old signature`, token: unsigned({ ...header, alg }, payload, signature) }]
            : []),
        ]);
      },
      "No token without a signature was accepted.",
    ),
};
