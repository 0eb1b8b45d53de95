import { randomUUID } from "node:crypto";
import { errorWord } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { carelessCredentials } from "../sabotages.ts";

export const mfa08: Check = {
  ...fromAttackList("MFA-08"),
  title: "A half-authenticated session changes the password, the address, a factor or a passkey.",
  kind: "attack",
  layers: ["identity"],
  events: ["edge.access-refused"],
  company: "together",
  sabotage: carelessCredentials,
  run: async (session) => {
    const person = await session.victim();
    const { account: owner, factor } = await session.accounts.withSecondFactor(person);
    const thief = await session.accounts.signIn(person);
    const version = { "x-supabase-api-version": "2024-01-01" };
    await session.positive(
      "the owner may use the account",
      { method: "GET", path: "/auth/v1/user", bearer: owner.accessToken },
      200,
    );
    const attempt = async (what: string, method: string, path: string, body?: unknown): Promise<void> => {
      const answer = await session.ask({
        method,
        path,
        bearer: thief.accessToken,
        headers: version,
        ...(body === undefined ? {} : { body }),
      });
      session.judge({
        request: `${what} in a session without the second factor`,
        expected: "refused (401, 403 or 404 feature_disabled)",
        got: `${answer.status} ${answer.status < 400 ? "done" : errorWord(answer)}`,
        held: [401, 403].includes(answer.status) || errorWord(answer) === "feature_disabled",
        // What is switched off refuses nobody.
        ...(errorWord(answer) === "feature_disabled"
          ? {}
          : { event: { name: "edge.access-refused", correlation: answer.correlation } }),
      });
    };
    await attempt("change the password", "PUT", "/auth/v1/user", {
      password: `probe ${randomUUID()}`,
      current_password: person.password,
    });
    await attempt("change the address", "PUT", "/auth/v1/user", { email: `probe-${randomUUID()}@probe.invalid` });
    await attempt("enrol another factor", "POST", "/auth/v1/factors", { factor_type: "totp", friendly_name: "thief" });
    await attempt("add a passkey", "POST", "/auth/v1/passkeys/registration/options", {});
    await attempt("enrol a security key", "POST", "/auth/v1/factors", {
      factor_type: "webauthn",
      friendly_name: "thief",
    });
    await attempt("make recovery codes", "POST", "/auth/v1/factors/recovery-codes", {});
    await attempt("remove the factor", "DELETE", `/auth/v1/factors/${factor.id}`);
    return await session.conclude("Password, address and factors changed only after the second factor.");
  },
};
