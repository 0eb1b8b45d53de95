// What checks of acting as somebody else share.
import type { Account } from "./accounts.ts";
import type { Answer } from "./edge-client.ts";
import { ProbeError } from "./probe-error.ts";
import type { ProbeSession } from "./session.ts";

export const ACTING_REASON = "A check acts as somebody.";

/** @throws ProbeError `probes/nothing-to-attack` where it is off: then `acting-as-others` says that nobody acts. */
export function requireActing(session: ProbeSession): void {
  if (session.policy.identity.impersonation) return;
  throw new ProbeError(
    "probes/nothing-to-attack",
    "Nobody acts as somebody else here: the policy has it off.",
    "Say `identity.impersonation: true` where support needs it.",
  );
}

export const beginActing = (session: ProbeSession, who: Account, body: object): Promise<Answer> =>
  session.ask({
    method: "POST",
    path: "/auth/v1/impersonations",
    bearer: who.accessToken,
    headers: { "x-supabase-api-version": "2024-01-01" },
    body,
  });

/** The session of a beginning that must work; it is ended with the check. @throws ProbeError `probes/positive-failed` */
export async function actAs(
  session: ProbeSession,
  administrator: Account,
  victim: Account,
  more: object = {},
): Promise<string> {
  const begun = await beginActing(session, administrator, { user_id: victim.id, reason: ACTING_REASON, ...more });
  session.require(begun.status === 200, "an administrator acts as somebody with a reason");
  const { access_token: token } = begun.json as { readonly access_token: string };
  endAfterwards(session, token);
  return token;
}

/** Demands that a beginning is refused and seen. */
export function judgeBeginning(session: ProbeSession, request: string, answer: Answer): void {
  const token = (answer.json as { readonly access_token?: unknown } | undefined)?.access_token;
  if (typeof token === "string") endAfterwards(session, token);
  session.judge({
    request,
    expected: "refused (403 or 404), event impersonation.refused",
    got: String(answer.status),
    held: [403, 404].includes(answer.status),
    event: { name: "impersonation.refused", correlation: answer.correlation },
  });
}

function endAfterwards(session: ProbeSession, token: string): void {
  session.redaction.hide(token, "access-token");
  session.afterwards(async () => void (await session.ask({ method: "POST", path: "/auth/v1/logout", bearer: token })));
}
