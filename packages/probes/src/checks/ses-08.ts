import { randomUUID } from "node:crypto";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { refusals } from "../refusals.ts";
import { carelessRule } from "../sabotages.ts";
import { OWN_ACCOUNT, refresh } from "../token-attack.ts";

export const ses08: Check = {
  ...fromAttackList("SES-08"),
  title: "A change of the password or of the second factor leaves the account's other sessions alive.",
  kind: "attack",
  layers: ["identity", "edge"],
  events: ["edge.token-refused", "session.refresh-refused"],
  company: "together",
  sabotage: carelessRule(
    "other-sessions-survive",
    "Other sessions survive a changed password or factor.",
    "endsOtherSessions",
    () => false,
  ),
  run: async (session) => {
    const bob = await session.people.bob();
    const victim = await session.victim();
    const thief = await session.accounts.signIn(victim);
    await session.positive("both sessions work", { method: "GET", path: OWN_ACCOUNT, bearer: thief.accessToken }, 200);
    const password = `probe ${randomUUID()}`;
    session.redaction.hide(password, "password");
    await session.positive(
      "a person changes the password",
      {
        method: "PUT",
        path: OWN_ACCOUNT,
        bearer: victim.accessToken,
        body: { password, current_password: victim.password },
      },
      200,
    );
    await session.expectRefused(
      { method: "GET", path: OWN_ACCOUNT, bearer: thief.accessToken },
      refusals.token,
      "the other session after a password change",
    );
    const answer = await refresh(session, thief.refreshToken, bob.accessToken);
    session.judge({
      request: "refresh the other session after a password change",
      expected: "refused with 400",
      got: String(answer.status),
      held: answer.status === 400,
      event: { name: "session.refresh-refused", correlation: answer.correlation },
    });

    const owner = await session.victim();
    const second = await session.accounts.signIn(owner);
    await session.accounts.withSecondFactor(owner);
    await session.expectRefused(
      { method: "GET", path: OWN_ACCOUNT, bearer: second.accessToken },
      refusals.token,
      "the other session after a new second factor",
    );
    return await session.conclude("A changed password and a new second factor ended every other session.");
  },
};
