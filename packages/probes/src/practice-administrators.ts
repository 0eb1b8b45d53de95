// Two administrators that a run makes for itself, each in a session that has passed a second factor, and what they do by approval.
import type { Account } from "./accounts.ts";
import type { Answer } from "./edge-client.ts";
import type { ProbeSession } from "./session.ts";

/** An administrator of the run's own at aal2. Needs the operator's key. */
export async function practiceAdministrator(session: ProbeSession): Promise<Account> {
  session.require(session.target.operatorKey !== undefined, "the operator's key makes practice administrators");
  const made = await session.victim([session.policy.platform.administrator]);
  return (await session.accounts.withSecondFactor(made)).account;
}

/** A role that needs approval: the administrator's own, unless the policy asks for none there. */
export function privilegedRole(session: ProbeSession): string {
  const { policy } = session;
  const role = [policy.platform.administrator, ...Object.keys(policy.roles)].find(
    (name) => policy.roles[name]?.approval,
  );
  session.require(role !== undefined, "the policy has a role that needs approval");
  return role ?? "";
}

const REASON = "A check asks for it.";

export function askForRole(session: ProbeSession, who: Account, beneficiary: string, role: string): Promise<Answer> {
  return session.ask({
    method: "POST",
    path: `/platform/v1/people/${beneficiary}/roles`,
    bearer: who.accessToken,
    body: { role, reason: REASON },
  });
}

/** The id of a request that waits. */
export async function openRequest(session: ProbeSession, who: Account, beneficiary: string, role: string) {
  const answer = await askForRole(session, who, beneficiary, role);
  const { request } = (answer.json ?? {}) as { readonly request?: { readonly id?: string } };
  session.require(typeof request?.id === "string", "an administrator can ask for a role that needs approval");
  const id = String(request?.id);
  session.afterwards(async () => void (await decideOn(session, who, id, "withdrawn")));
  return id;
}

export function decideOn(session: ProbeSession, who: Account, id: string, decision: string): Promise<Answer> {
  return session.ask({
    method: "POST",
    path: `/platform/v1/role-requests/${id}/decide`,
    bearer: who.accessToken,
    body: { decision },
  });
}

/** The roles that an account has now, as an administrator reads them. */
export async function rolesOf(session: ProbeSession, who: Account, id: string): Promise<readonly string[]> {
  const answer = await session.positive(
    "an administrator reads an account",
    { method: "GET", path: `/platform/v1/people/${id}`, bearer: who.accessToken },
    200,
  );
  const { person } = answer.json as { readonly person: { readonly roles: readonly { readonly role: string }[] } };
  return person.roles.map(({ role }) => role);
}

/** Writes down an attempt to come by a role: it must be refused, leave its event, and the account must not have the role. */
export async function judgeAttempt(
  session: ProbeSession,
  attempt: {
    readonly what: string;
    readonly answer: Answer;
    readonly reader: Account;
    readonly id: string;
    readonly role: string;
  },
): Promise<void> {
  const { what, answer, reader, id, role } = attempt;
  const has = (await rolesOf(session, reader, id)).includes(role);
  session.judge({
    request: what,
    expected: "refused (401, 403 or 409), event admin.refused, and the role is not there",
    got: `${answer.status}, ${has ? "the role is there" : "the role is not there"}`,
    held: [401, 403, 409].includes(answer.status) && !has,
    event: { name: "admin.refused", correlation: answer.correlation },
  });
}
