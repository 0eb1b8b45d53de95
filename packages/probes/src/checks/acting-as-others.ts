import { randomUUID } from "node:crypto";
import type { Account } from "../accounts.ts";
import type { Check } from "../check.ts";
import type { Answer } from "../edge-client.ts";
import { practiceAdministrator } from "../practice-administrators.ts";
import { carelessRule } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";

const REASON = "A check acts as somebody.";
const SECONDS_MAX = 1800;
const DAY_SECONDS = 86_400;

export const actingAsOthers: Check = {
  id: "acting-as-others",
  title:
    "An administrator acts as somebody else without a reason, as another administrator, for longer than half an hour, or to change how the person signs in.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V7.5.1", "V8.2.1"],
  wstg: ["WSTG-ATHZ-03"],
  events: ["impersonation.refused"],
  company: "together",
  sabotage: carelessRule(
    "acts-as-anybody",
    "An administrator acts as anybody, for no reason.",
    "actingRefusal",
    () => null,
  ),
  run: async (session) => {
    const [administrator, other] = [await practiceAdministrator(session), await practiceAdministrator(session)];
    const victim = await session.victim();
    await refused(session, administrator, { user_id: victim.id, reason: " " }, "act as somebody without a reason");
    await refused(session, administrator, { user_id: other.id, reason: REASON }, "act as another administrator");
    await refused(session, victim, { user_id: other.id, reason: REASON }, "act as an administrator, as anybody");
    if (session.policy.identity.impersonation) await attackActing(session, administrator, victim);
    return await session.conclude(
      session.policy.identity.impersonation
        ? "Acting as somebody else took a reason, ended in time, and changed nothing about how the person signs in."
        : "Nobody acts as somebody else here: the policy has it off.",
    );
  },
};

const begin = (session: ProbeSession, who: Account, body: object): Promise<Answer> =>
  session.ask({
    method: "POST",
    path: "/auth/v1/impersonations",
    bearer: who.accessToken,
    headers: { "x-supabase-api-version": "2024-01-01" },
    body,
  });

async function refused(session: ProbeSession, who: Account, body: object, what: string): Promise<void> {
  const answer = await begin(session, who, body);
  session.judge({
    request: what,
    expected: "refused (403 or 404), event impersonation.refused",
    got: String(answer.status),
    held: [403, 404].includes(answer.status),
    event: { name: "impersonation.refused", correlation: answer.correlation },
  });
}

async function attackActing(session: ProbeSession, administrator: Account, victim: Account): Promise<void> {
  const begun = await begin(session, administrator, { user_id: victim.id, reason: REASON, seconds: DAY_SECONDS });
  session.require(begun.status === 200, "an administrator acts as somebody with a reason");
  const acting = begun.json as { readonly access_token: string; readonly user: unknown };
  session.redaction.hide(acting.access_token, "access-token");
  const seen = await session.positive(
    "whoever acts sees what the person sees",
    { method: "GET", path: "/auth/v1/user", bearer: acting.access_token },
    200,
  );
  const { act } = seen.json as { readonly act?: { readonly sub?: string; readonly not_after?: string } };
  session.require(act?.sub === administrator.id, "the session says who acts");
  const seconds = (Date.parse(String(act?.not_after)) - seen.receivedAt - victim.aheadMs) / 1000;
  session.judge({
    request: `act as somebody for ${DAY_SECONDS} s`,
    expected: `at most ${SECONDS_MAX} s`,
    got: `${Math.round(seconds)} s`,
    held: seconds <= SECONDS_MAX + 5,
  });
  const changes: readonly (readonly [string, "PUT" | "POST", string, object])[] = [
    ["change the person's password", "PUT", "/auth/v1/user", { password: `probe ${randomUUID()}` }],
    ["enrol a factor for the person", "POST", "/auth/v1/factors", { factor_type: "totp" }],
  ];
  for (const [what, method, path, body] of changes) {
    await session.expectRefused(
      {
        method,
        path,
        bearer: acting.access_token,
        headers: { "x-supabase-api-version": "2024-01-01" },
        body,
      },
      { status: 403, code: "impersonated_session", event: "impersonation.refused" },
      what,
    );
  }
  await session.ask({ method: "POST", path: "/auth/v1/logout", bearer: acting.access_token });
}
