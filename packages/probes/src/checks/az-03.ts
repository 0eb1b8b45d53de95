import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { makeObject, objectRoutes } from "../object-routes.ts";

/** Fields that no answer of identity may hold. */
const FORBIDDEN =
  /"(?:encrypted_password|password_hash|password|secret|totp_secret|refresh_token|recovery_token|salt|confirmation_token)"\s*:\s*"(?!")/iu;

export const az03: Check = {
  ...fromAttackList("AZ-03"),
  title: "An answer holds more than it should: a secret of an account, or a column the policy does not know.",
  kind: "attack",
  layers: ["identity", "api"],
  events: [],
  company: "together",
  sabotage: {
    name: "tells-password-hash",
    sentence: "The account's answer contains its password hash.",
    hole: {
      kind: "twin",
      answer: (answer, request) =>
        request.path === "/auth/v1/user" && answer.status === 200
          ? {
              ...answer,
              body: Buffer.from(answer.body.toString("utf8").replace("{", '{"encrypted_password":"$argon2id$x",')),
            }
          : answer,
    },
  },
  run: async (session) => {
    const alice = await session.people.alice();
    const { serviceKey } = session.target;
    const asked: [string, string, string][] = [
      ["one's own account", "/auth/v1/user", alice.accessToken],
      ["one's own sessions", "/auth/v1/user/sessions", alice.accessToken],
      ["an account, as the service", `/auth/v1/admin/users/${alice.id}`, serviceKey],
      ["an account's factors, as the service", `/auth/v1/admin/users/${alice.id}/factors`, serviceKey],
      ["the key set", "/auth/v1/.well-known/jwks.json", alice.accessToken],
    ];
    for (const [what, path, bearer] of asked) {
      const answer = await session.positive(`${what} can be read`, { method: "GET", path, bearer }, 200);
      const hasPrivateKey = path.endsWith("jwks.json") && /"(?:d|k|p|q)"\s*:/u.test(answer.text);
      const found = FORBIDDEN.exec(answer.text)?.[0];
      session.judge({
        request: `read ${what}`,
        expected: "no secret",
        got: found ?? (hasPrivateKey ? "a private key" : "none"),
        held: found === undefined && !hasPrivateKey,
      });
    }
    for (const family of objectRoutes(session.policy)) {
      const rule = session.policy.tables[family.table ?? ""];
      if (!rule || family.items.length === 0) continue;
      const { made } = await makeObject(session, family, alice);
      const extra = Object.keys((made.json ?? {}) as object).filter((field) => !(field in rule.columns));
      session.judge({
        request: `read an object of ${family.collection}`,
        expected: `only columns of "${family.table}"`,
        got: extra.length > 0 ? `also ${extra.join(", ")}` : "only those",
        held: extra.length === 0,
      });
    }
    return await session.conclude("No answer held a secret or a column that the policy does not know.");
  },
};
