import { errorWord } from "../accounts.ts";
import type { Check } from "../check.ts";
import { carelessRule } from "../sabotages.ts";

interface Begun {
  readonly access_token?: unknown;
  readonly user?: { readonly id?: unknown; readonly app_metadata?: { readonly roles?: unknown } };
}

const holdsRoles = (roles: unknown): boolean => Array.isArray(roles) && roles.length > 0;

/** The claims of a token, as whoever believes it reads them. */
function rolesOfToken(token: string): unknown {
  const payload = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as {
    readonly app_metadata?: { readonly roles?: unknown };
  };
  return payload.app_metadata?.roles;
}

/** Without an address and a password nobody is more than nobody: either the policy shuts them out, or they hold no role. */
export const anonymousPerson: Check = {
  id: "anonymous-person",
  title: "Somebody who gave no address gets in, or holds a role.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V8.2.1", "V6.3.1"],
  wstg: ["WSTG-IDNT-02"],
  events: [],
  company: "together",
  sabotage: carelessRule(
    "anonymous-with-roles",
    "Whoever gives no address gets the roles of a new account.",
    "rolesOfAnonymous",
    (_isAllowed: boolean, roles: readonly string[]) => roles,
  ),
  run: async (session) => {
    const { anonymous } = session.policy.identity;
    const body = { data: {}, app_metadata: { roles: Object.keys(session.policy.roles) }, role: "service_role" };
    const answer = await session.ask({
      method: "POST",
      path: "/auth/v1/signup",
      headers: { "x-supabase-api-version": "2024-01-01" },
      body,
    });
    const { access_token: token, user } = (answer.json ?? {}) as Begun;
    if (typeof user?.id === "string" && typeof token === "string") {
      const { id } = user;
      session.redaction.hide(token, "access-token");
      session.afterwards(async () => {
        const path = `/auth/v1/admin/users/${id}`;
        await session.ask({ method: "DELETE", path, bearer: session.target.serviceKey });
      });
    }
    if (!anonymous || session.policy.identity.signUp === "closed") {
      session.judge({
        request: "sign up without an address or a password",
        expected: "refused (422)",
        got: `${answer.status} ${answer.status < 400 ? "a session" : errorWord(answer)}`,
        held: answer.status === 422,
      });
      return await session.conclude("Nobody got in without an address.");
    }
    session.require(typeof token === "string", "an anonymous person gets a session, as the policy says");
    const roles = [user?.app_metadata?.roles, rolesOfToken(String(token))];
    session.judge({
      request: "sign up without an address, asking for every role",
      expected: "no role, in the answer and in the token",
      got: roles.some(holdsRoles) ? JSON.stringify(roles) : "none",
      held: !roles.some(holdsRoles),
    });
    return await session.conclude("Whoever gave no address held no role.");
  },
};
