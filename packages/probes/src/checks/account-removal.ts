import { type Account, errorWord } from "../accounts.ts";
import { ageSignIn } from "../aged-sign-in.ts";
import type { Check } from "../check.ts";
import { administratorConnection } from "../database-session.ts";
import type { Asked } from "../edge-client.ts";
import { refusals } from "../refusals.ts";
import { carelessCredentials } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";

import { OWN_ACCOUNT, refresh } from "../token-attack.ts";

const HOUR_SECONDS = 3_600;
const version = { "x-supabase-api-version": "2024-01-01" };

/** An account is gone for good: what protects the password protects it too (ASVS 5.0 §7.5.1). */
export const accountRemoval: Check = {
  id: "account-removal",
  title:
    "Somebody else's account is deleted, or one's own without the second factor, long after the sign-in, or with its sessions left alive.",
  kind: "attack",
  layers: ["identity", "edge"],
  asvs: ["V7.4.2", "V7.5.1", "V8.2.2"],
  wstg: ["WSTG-ATHN-09", "WSTG-ATHZ-04"],
  events: ["edge.access-refused", "edge.token-refused"],
  company: "together",
  sabotage: carelessCredentials,
  run: async (session) => {
    const [person, stale, bystander] = [await session.victim(), await session.victim(), await session.victim()];
    const { account: owner } = await session.accounts.withSecondFactor(person);
    const half = await session.accounts.signIn(person);
    await refused(session, "without the second factor", half, "insufficient_aal");
    session.require(
      await ageSignIn(await administratorConnection(session), stale.sessionId, HOUR_SECONDS),
      "the session of the attack is in the database",
    );
    await refused(session, "an hour after the sign-in", stale, "reauthentication_needed");
    await foreign(session, owner, bystander);
    const removal = { method: "DELETE", path: OWN_ACCOUNT, bearer: owner.accessToken } as const;
    await session.positive("somebody with a second factor, just signed in, deletes their account", removal, 204);
    session.accounts.forget(owner.id);
    await over(session, owner, bystander);
    return await session.conclude(
      "Accounts were deleted by their owners alone, after a fresh proof, with every session.",
    );
  },
};

async function refused(session: ProbeSession, when: string, { accessToken: bearer }: Account, word: string) {
  const answer = await session.ask({ method: "DELETE", path: OWN_ACCOUNT, bearer, headers: version });
  session.judge({
    request: `delete the account ${when}`,
    expected: `refused: ${word}, event edge.access-refused`,
    got: `${answer.status} ${answer.status < 400 ? "done" : errorWord(answer)}`,
    held: errorWord(answer) === word,
    event: { name: "edge.access-refused", correlation: answer.correlation },
  });
}

/** Names the other account wherever a careless program would look for one; whoever asks may not delete their own. */
async function foreign(session: ProbeSession, { id, accessToken }: Account, other: Account): Promise<void> {
  const half = await session.victim();
  await session.accounts.withSecondFactor(half);
  const weak = (await session.accounts.signIn(half)).accessToken;
  const byAnybody: readonly Asked[] = [
    { method: "DELETE", path: `/auth/v1/admin/users/${other.id}`, bearer: accessToken },
    { method: "DELETE", path: `${OWN_ACCOUNT}/${other.id}`, bearer: accessToken },
    { method: "DELETE", path: `${OWN_ACCOUNT}?id=${other.id}&user_id=${other.id}`, bearer: weak },
    { method: "DELETE", path: OWN_ACCOUNT, bearer: weak, headers: { "x-user-id": other.id } },
    { method: "DELETE", path: OWN_ACCOUNT },
  ];
  for (const asked of byAnybody) {
    const answer = await session.ask(asked);
    session.judge({
      request: `${asked.method} ${asked.path.replaceAll(other.id, "<another's id>")}`,
      expected: "refused with 400, 401, 403 or 404",
      got: String(answer.status),
      held: [400, 401, 403, 404].includes(answer.status),
    });
  }
  for (const [whose, account] of [
    ["the other account", other.id],
    ["the account of who asked", id],
  ] as const) {
    const path = `/auth/v1/admin/users/${account}`;
    const { status } = await session.ask({ method: "GET", path, bearer: session.target.serviceKey });
    session.judge({ request: `look for ${whose}`, expected: "200", got: String(status), held: status === 200 });
  }
}

async function over(session: ProbeSession, gone: Account, bystander: Account): Promise<void> {
  await session.expectRefused(
    { method: "GET", path: OWN_ACCOUNT, bearer: gone.accessToken },
    refusals.token,
    "somebody whose account was deleted",
  );
  const refreshed = await refresh(session, gone.refreshToken, bystander.accessToken);
  session.judge({
    request: "refresh a session of the deleted account",
    expected: "refused with 400",
    got: String(refreshed.status),
    held: refreshed.status === 400,
  });
}
