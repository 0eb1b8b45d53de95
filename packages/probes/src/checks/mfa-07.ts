import { randomUUID } from "node:crypto";
import { errorWord } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { recoveryLink, redeem } from "../mail-attack.ts";
import { spentTokensRedeem } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";

const MARGIN_MS = 1_000;
export const mfa07: Check = {
  ...fromAttackList("MFA-07"),
  title: "A link that recovers an account works twice or too late, or goes around the second factor.",
  kind: "attack",
  layers: ["identity", "edge"],
  events: ["signin.failed", "edge.access-refused"],
  // With a clock it moves time: after those that do not.
  company: "alone",
  sabotage: spentTokensRedeem,
  run: async (session) => {
    await reuse(session);
    await goAround(session);
    if (session.target.clock) await waitTooLong(session);
    return await session.conclude(
      `Links were used once${session.target.clock ? " and in time" : ""}, and changed no password without the second factor.`,
    );
  },
};

async function reuse(session: ProbeSession): Promise<void> {
  const { email } = await session.victim();
  const link = await recoveryLink(session, email);
  const first = await redeem(session, link);
  session.require(first.status === 200, "a link that was just mailed works");
  await expectDead(session, link, "the same link once more");
}

async function goAround(session: ProbeSession): Promise<void> {
  const victim = await session.victim();
  await session.accounts.withSecondFactor(victim);
  const opened = await redeem(session, await recoveryLink(session, victim.email));
  session.require(opened.status === 200, "somebody with a second factor can recover");
  const { access_token: bearer = "" } = opened.json as { readonly access_token?: string };
  session.redaction.hide(bearer, "access-token");
  await session.expectRefused(
    { method: "PUT", path: "/auth/v1/user", bearer, body: { password: `probe ${randomUUID()}` } },
    { status: [401, 403], event: "edge.access-refused" },
    "the owner's mailbox, without the second factor",
  );
}

async function waitTooLong(session: ProbeSession): Promise<void> {
  const { email } = await session.victim();
  const link = await recoveryLink(session, email);
  await session.target.clock?.advance(session.policy.identity.email.codeSeconds * 1000 + MARGIN_MS);
  await expectDead(session, link, "a link whose time is over");
}

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
