import { randomUUID } from "node:crypto";
import { errorWord } from "../accounts.ts";
import { ageSignIn } from "../aged-sign-in.ts";
import type { Check } from "../check.ts";
import { administratorConnection } from "../database-session.ts";
import { carelessCredentials } from "../sabotages.ts";

const HOUR_SECONDS = 3_600;
/** A session that lay open is no proof of who sits before it (ASVS 5.0 §7.5.1). Its age is written into the database: no clock moves. */
export const staleSignIn: Check = {
  id: "stale-sign-in",
  title:
    "A session whose sign-in was long ago changes the password, the address, a factor or a passkey without a new proof.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V7.5.1"],
  wstg: ["WSTG-ATHN-09"],
  events: ["edge.access-refused"],
  company: "together",
  sabotage: carelessCredentials,
  run: async (session) => {
    const [fresh, victim] = [await session.victim(), await session.victim()];
    const enrol = (bearer: string) => ({
      method: "POST",
      path: "/auth/v1/factors",
      bearer,
      body: { factor_type: "totp", friendly_name: "probe" },
    });
    await session.positive("somebody who just signed in enrols a factor", enrol(fresh.accessToken), 200);
    session.require(
      await ageSignIn(await administratorConnection(session), victim.sessionId, HOUR_SECONDS),
      "the session of the attack is in the database",
    );
    const user = { method: "PUT", path: "/auth/v1/user" } as const;
    const attempts = [
      { what: "change the password", ...user, body: { password: `probe ${randomUUID()}` } },
      { what: "change the address", ...user, body: { email: `probe-${randomUUID()}@probe.invalid` } },
      { what: "enrol a factor", ...enrol(victim.accessToken) },
      { what: "add a passkey", method: "POST", path: "/auth/v1/passkeys/registration/options", body: {} },
    ];
    for (const { what, ...asked } of attempts) {
      const answer = await session.ask({
        ...asked,
        bearer: victim.accessToken,
        headers: { "x-supabase-api-version": "2024-01-01" },
      });
      const word = errorWord(answer);
      // What is switched off refuses nobody.
      const isOff = word === "feature_disabled" || word === "passkey_disabled";
      session.judge({
        request: `${what}, an hour after the sign-in`,
        expected: "refused: reauthentication_needed or current_password_required, event edge.access-refused",
        got: `${answer.status} ${answer.status < 400 ? "done" : word}`,
        held: isOff || ["reauthentication_needed", "current_password_required"].includes(word),
        ...(isOff ? {} : { event: { name: "edge.access-refused", correlation: answer.correlation } }),
      });
    }
    return await session.conclude("How somebody signs in changed only after they had proven who they are.");
  },
};
