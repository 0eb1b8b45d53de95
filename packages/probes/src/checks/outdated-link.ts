import { randomUUID } from "node:crypto";
import { errorWord } from "../accounts.ts";
import type { Check } from "../check.ts";
import { recoveryLink, redeem } from "../mail-attack.ts";
import { spentTokensRedeem } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";
import { OWN_ACCOUNT } from "../token-attack.ts";

/** What lies in an old mailbox must not open an account that has left it, or whose owner has just thrown somebody out. */
export const outdatedLink: Check = {
  id: "outdated-link",
  title: "A link that was mailed before the address or the password changed still opens the account.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V6.4.3", "V6.6.2"],
  wstg: ["WSTG-ATHN-09"],
  events: ["signin.failed"],
  company: "together",
  sabotage: spentTokensRedeem,
  run: async (session) => {
    const moved = await session.victim();
    const toOldAddress = await recoveryLink(session, moved.email, { bearer: moved.accessToken });
    const email = `probe-${randomUUID()}@${session.target.emailDomain ?? "probe.invalid"}`;
    await session.positive(
      "the service gives an account another address",
      {
        method: "PUT",
        path: `/auth/v1/admin/users/${moved.id}`,
        bearer: session.target.serviceKey,
        body: { email, email_confirm: true },
      },
      200,
    );
    await expectDead(session, toOldAddress, "a link that went to the address of before");
    const careful = await session.victim();
    const beforeChange = await recoveryLink(session, careful.email, { bearer: careful.accessToken });
    const password = `probe ${randomUUID()}`;
    session.redaction.hide(password, "password");
    await session.positive(
      "a person changes the password",
      {
        method: "PUT",
        path: OWN_ACCOUNT,
        bearer: careful.accessToken,
        body: { password, current_password: careful.password },
      },
      200,
    );
    await expectDead(session, beforeChange, "a link that was mailed before the password changed");
    return await session.conclude(
      "Links died with the address they went to, and with the password they would have replaced.",
    );
  },
};

async function expectDead(session: ProbeSession, link: URL, request: string): Promise<void> {
  const answer = await redeem(session, link);
  session.judge({
    request,
    expected: "refused with 403 otp_expired, event signin.failed",
    got: `${answer.status} ${answer.status < 400 ? "signed in" : errorWord(answer)}`,
    held: answer.status === 403 && errorWord(answer) === "otp_expired",
    event: { name: "signin.failed", correlation: answer.correlation },
  });
}
