import { errorWord } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { guessPassword } from "../sign-in-attack.ts";

/** What installers leave behind. Few, since each counts against the address's limit. */
const SEEDS = [
  ["admin@example.com", "admin"],
  ["admin@localhost", "password"],
  ["test@example.com", "test"],
  ["root@localhost", "toor"],
] as const;

/** "admin" by bcrypt, as an installer leaves it. */
const ADMIN_HASH = "$2b$10$UcVjE5Shnh873ljfmZwVfuefhuSwilMJ9eQBMvDYtzjvyrvr9CiyS";

export const mfa09: Check = {
  ...fromAttackList("MFA-09"),
  title: "A default, seeded or anonymous account signs in.",
  kind: "attack",
  layers: ["identity"],
  events: ["signin.failed"],
  company: "alone",
  sabotage: {
    name: "seed-account",
    sentence: "An account with a default password was left behind.",
    hole: {
      kind: "sql",
      statements: () => [
        `insert into auth.users (id, email, encrypted_password, email_confirmed_at, created_at, updated_at)
           values (gen_random_uuid(), 'admin@example.com', '${ADMIN_HASH}', now(), now(), now())`,
      ],
    },
  },
  run: async (session) => {
    const alice = await session.people.alice();
    await session.positive(
      "a real account signs in",
      { method: "GET", path: "/auth/v1/user", bearer: alice.accessToken },
      200,
    );
    for (const [email, password] of SEEDS) {
      const answer = await guessPassword(session, email, password);
      session.judge({
        request: `sign in as ${email} with its default password`,
        expected: "refused with 400, event signin.failed",
        got: `${answer.status} ${answer.status < 400 ? "signed in" : errorWord(answer)}`,
        held: answer.status === 400,
        event: { name: "signin.failed", correlation: answer.correlation },
      });
    }
    const nobody = await session.ask({
      method: "POST",
      path: "/auth/v1/signup",
      bearer: alice.accessToken,
      body: { data: {} },
    });
    session.judge({
      request: "sign up without an address (an anonymous account)",
      expected: "refused with 4xx",
      got: String(nobody.status),
      held: nobody.status >= 400 && nobody.status < 500,
    });
    return await session.conclude(`${SEEDS.length} default accounts and an anonymous one were refused.`);
  },
};
