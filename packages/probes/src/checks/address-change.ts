import { randomUUID } from "node:crypto";
import { errorWord } from "../accounts.ts";
import type { Check } from "../check.ts";
import { carelessRule } from "../sabotages.ts";

/** A stolen session or a mistyped address must not move an account: the address it has and the one it gets both confirm. */
export const addressChange: Check = {
  id: "address-change",
  title: "The address of an account changes although only one side has confirmed it.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V6.3.7", "V7.5.1"],
  wstg: ["WSTG-IDNT-04"],
  events: ["account.changed"],
  company: "together",
  sabotage: carelessRule(
    "one-side-confirms",
    "The new address alone confirms that an account is to have it.",
    "confirmationsOfChange",
    () => ["new"],
  ),
  run: async (session) => {
    const { serviceKey, emailDomain = "probe.invalid" } = session.target;
    const admin = async (id: string) =>
      await session.positive(
        "an account can be read, as the service",
        { method: "GET", path: `/auth/v1/admin/users/${id}`, bearer: serviceKey },
        200,
      );
    for (const side of ["email_change_new", "email_change_current"] as const) {
      const victim = await session.victim();
      const address = `probe-${randomUUID()}@${emailDomain}`;
      const made = await session.positive(
        "a link for one side of a change can be made, as the service",
        {
          method: "POST",
          path: "/auth/v1/admin/generate_link",
          bearer: serviceKey,
          body: { type: side, email: victim.email, new_email: address },
        },
        200,
      );
      const { hashed_token: token } = made.json as { readonly hashed_token: string };
      session.redaction.hide(token, "one-time-token");
      const answer = await session.ask({
        method: "POST",
        path: "/auth/v1/verify",
        headers: { "x-supabase-api-version": "2024-01-01" },
        body: { type: "email_change", token_hash: token },
      });
      const now = ((await admin(victim.id)).json as { readonly email?: unknown }).email;
      const isMoved = now !== victim.email;
      session.judge({
        request: `confirm a change of address with ${side} alone`,
        expected: "accepted as a half; the address stays",
        got: `${answer.status} ${answer.status < 400 ? "accepted" : errorWord(answer)}; the address ${isMoved ? "changed" : "stayed"}`,
        held: !isMoved,
        event: { name: "account.changed", correlation: answer.correlation },
      });
    }
    return await session.conclude("One side alone changed no address.");
  },
};
