import { randomUUID } from "node:crypto";
import { evaluate } from "@holdfast/policy";
import { type Account, decodeClaims, sessionFrom } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { fragmentOf, mailedLink, press } from "../mail-attack.ts";
import { mainFamily, makeObject, mayMake, type ObjectRoutes, objectRoutes } from "../object-routes.ts";
import { refusalFor } from "../refusals.ts";
import { concretePath } from "../route-matrix.ts";
import { carelessRule } from "../sabotages.ts";
import { sampleBody } from "../sample-body.ts";
import type { ProbeSession } from "../session.ts";
import { refresh } from "../token-attack.ts";

interface WithRoles {
  readonly app_metadata?: { readonly roles?: readonly string[] };
}

export const az04: Check = {
  ...fromAttackList("AZ-04"),
  title: "A request sets what it may not: roles, the owner, another tenant, verification.",
  kind: "attack",
  layers: ["identity", "edge", "api"],
  events: ["edge.body-refused", "edge.access-refused"],
  company: "together",
  sabotage: carelessRule(
    "roles-from-sign-up",
    "Sign-up gives the roles that the request asks for.",
    "rolesOfNewAccount",
    (defaults: readonly string[], body: WithRoles) => body.app_metadata?.roles ?? defaults,
  ),
  run: async (session) => {
    const victim = await session.victim();
    const powers = Object.keys(session.policy.roles).filter(
      (role) => !session.policy.identity.defaultRoles.includes(role),
    );
    session.require(powers.length > 0, "the policy has a role that a new account does not get");
    if (session.policy.identity.signUp === "open") await attackSignUp(session, powers);
    await attackOwnAccount(session, powers);
    const bob = await session.people.bob();
    const families = objectRoutes(session.policy).filter((family) => mayMake(session.policy, family, victim));
    session.require(families.length > 0, "the policy has a route that makes an object");
    for (const family of families) await attackObjects(session, family, victim, bob.id);
    return await session.conclude("No request could set a role, an owner or a tenant.");
  },
};

async function attackObjects(
  session: ProbeSession,
  family: ObjectRoutes,
  { accessToken }: Account,
  other: string,
): Promise<void> {
  const sample = sampleBody(family.body, "probe assignment") as object;
  const named = Object.keys((family.body["properties"] ?? {}) as object);
  for (const [field, value] of Object.entries({
    owner_id: other,
    id: randomUUID(),
    tenant_id: other,
    is_admin: true,
    created_at: "2000-01-01T00:00:00Z",
  })) {
    // What the policy lets everybody write is no assignment behind its back.
    if (named.includes(field)) continue;
    await session.expectRefused(
      {
        method: "POST",
        path: concretePath(family.collection),
        bearer: accessToken,
        body: { ...sample, [field]: value },
      },
      { status: 400, code: "body-invalid", event: "edge.body-refused" },
      `an object with ${field}`,
    );
  }
}

async function attackSignUp(session: ProbeSession, powers: readonly string[]): Promise<void> {
  const bob = await session.people.bob();
  const email = `probe-${randomUUID()}@${session.target.emailDomain ?? "probe.invalid"}`;
  const password = `long enough ${randomUUID()}`;
  session.redaction.hide(password, "password");
  const greedy = {
    email,
    password,
    role: "service_role",
    app_metadata: { roles: powers },
    data: { roles: powers, app_metadata: { roles: powers } },
  };
  const made = await session.ask({ method: "POST", path: "/auth/v1/signup", bearer: bob.accessToken, body: greedy });
  if (made.status >= 400) {
    session.judge({
      request: "sign up with roles in the request",
      expected: "refused, or made without them",
      got: String(made.status),
      held: made.status < 500,
    });
    return;
  }
  const claims = session.policy.identity.email.confirm
    ? await confirmedClaims(session, email)
    : await signedInClaims(session, { email, password }, bob.accessToken);
  session.afterwards(() => session.accounts.remove(String(claims["sub"])));
  judgeRoles(session, "sign up with roles in the request", claims, powers);
}

/** Whoever has the mailbox confirms the address and is signed in. */
async function confirmedClaims(session: ProbeSession, email: string): Promise<Readonly<Record<string, unknown>>> {
  const pressed = await press(session, await mailedLink(session, email, "confirm-sign-up"));
  const token = fragmentOf(pressed).get("access_token");
  session.require(token !== null, "the link of a sign-up confirms and signs in");
  return decodeClaims(token ?? "");
}

async function signedInClaims(
  session: ProbeSession,
  body: { readonly email: string; readonly password: string },
  bearer: string,
): Promise<Readonly<Record<string, unknown>>> {
  const signedIn = sessionFrom(
    await session.ask({
      method: "POST",
      path: "/auth/v1/token?grant_type=password",
      bearer,
      body,
    }),
    session.redaction,
    "a session of the new account",
  );
  return signedIn.claims;
}

async function attackOwnAccount(session: ProbeSession, powers: readonly string[]): Promise<void> {
  const victim = await session.victim();
  await session.ask({
    method: "PUT",
    path: "/auth/v1/user",
    bearer: victim.accessToken,
    body: { app_metadata: { roles: powers }, role: "service_role", data: { roles: powers, role: "admin" } },
  });
  const refreshed = async (): Promise<string> => {
    const answer = await refresh(session, refreshToken, victim.accessToken);
    session.require(answer.status === 200, "a session can be refreshed");
    refreshToken = String((answer.json as { refresh_token?: unknown }).refresh_token);
    return String((answer.json as { access_token?: unknown }).access_token);
  };
  let { refreshToken } = victim;
  judgeRoles(session, "change one's own account with roles in the request", decodeClaims(await refreshed()), powers);
  const data = { roles: powers, role: powers[0], app_metadata: { roles: powers }, aal: "aal2" };
  await session.positive(
    "people write their own metadata",
    { method: "PUT", path: "/auth/v1/user", bearer: victim.accessToken, body: { data } },
    200,
  );
  await attackByMetadata(session, victim, await refreshed());
}

/** The token says in the person's own words that they are an administrator: no route and no row may believe it. */
async function attackByMetadata(session: ProbeSession, victim: Account, bearer: string): Promise<void> {
  const bob = await session.people.bob();
  const { path } = await makeObject(session, mainFamily(session, bob), bob);
  const before = await session.ask({ method: "GET", path, bearer: victim.accessToken });
  const after = await session.ask({ method: "GET", path, bearer });
  session.judge({
    request: "read somebody else's object with a token whose own metadata says administrator",
    expected: `${before.status}, as without`,
    got: String(after.status),
    held: after.status === before.status,
  });
  for (const [service, { kind, routes }] of Object.entries(session.policy.services)) {
    if (kind !== "application") continue;
    for (const [route, { method, path: pattern }] of Object.entries(routes)) {
      if (method !== "GET" || pattern.includes(":")) continue;
      const decision = evaluate(
        session.policy,
        victim.subject,
        { kind: "route", service, route },
        {},
        { now: Date.now() },
      );
      if (decision.allowed) continue;
      await session.expectRefused({ method, path: pattern, bearer }, refusalFor(decision.reason), "own metadata");
    }
  }
}

function judgeRoles(
  session: ProbeSession,
  request: string,
  claims: Readonly<Record<string, unknown>>,
  powers: readonly string[],
): void {
  const roles = ((claims as WithRoles).app_metadata?.roles ?? []) as readonly string[];
  const gained = powers.filter((role) => roles.includes(role));
  session.judge({
    request,
    expected: "no role but the default ones",
    got: gained.length > 0 ? `gained ${gained.join(", ")}` : "none gained",
    held: gained.length === 0 && claims["role"] === "authenticated",
  });
}
