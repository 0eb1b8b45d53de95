import { randomBytes } from "node:crypto";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { refusals } from "../refusals.ts";
import { carelessRule } from "../sabotages.ts";
import { guessPassword } from "../sign-in-attack.ts";

/** Passwords from the top of every leaked list, long enough to pass a mere length rule. */
const LEAKED = ["password123456", "123456789012", "qwertyuiop123", "iloveyou1234567", "administrator"] as const;
/** bcrypt reads 72 bytes; a longer password must count to its end (ASVS 5.0 §6.2.8). */
const LONG_BYTES = 96;
const BCRYPT_BYTES = 72;

export const mfa03: Check = {
  ...fromAttackList("MFA-03"),
  title: "A short, leaked or guessable password is accepted, or a long one is cut.",
  kind: "attack",
  layers: ["identity"],
  events: ["password.refused", "signin.failed"],
  company: "alone",
  sabotage: carelessRule("any-password", "Every password is good enough.", "passwordWeaknesses", () => []),
  run: async (session) => {
    const victim = await session.victim();
    const { minLength } = session.policy.identity.password;
    const [local = ""] = victim.email.split("@");
    const weak = [
      randomBytes(minLength)
        .toString("base64url")
        .slice(0, minLength - 1),
      `${local}1!`,
      // Long enough for a length rule, and what everybody would try here.
      `${session.policy.application.name}-2026!`.padEnd(minLength, "!"),
      ...LEAKED,
    ];
    const change = (password: string) => ({
      method: "PUT",
      path: "/auth/v1/user",
      bearer: victim.accessToken,
      headers: { "x-supabase-api-version": "2024-01-01" },
      body: { password },
    });
    for (const password of weak)
      await session.expectRefused(change(password), refusals.weakPassword, `a change to "${password}"`);
    const long = randomBytes(LONG_BYTES).toString("base64url").slice(0, LONG_BYTES);
    session.redaction.hide(long, "password");
    await session.positive("a long password is accepted", change(long), 200);
    const cut = await guessPassword(session, victim.email, long.slice(0, BCRYPT_BYTES));
    session.judge({
      request: `sign in with the first ${BCRYPT_BYTES} of ${LONG_BYTES} characters`,
      expected: "refused with 400, event signin.failed",
      got: String(cut.status),
      held: cut.status === 400,
      event: { name: "signin.failed", correlation: cut.correlation },
    });
    return await session.conclude(`${weak.length} weak passwords were refused, and a long one counted to its end.`);
  },
};
