import { randomUUID } from "node:crypto";
import { decodeClaims, errorWord } from "../accounts.ts";
import type { Check } from "../check.ts";
import { fragmentOf, mailedLink, press } from "../mail-attack.ts";
import { ProbeError } from "../probe-error.ts";
import { carelessMail } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";

export const signUpAttempt: Check = {
  id: "sign-up-attempt",
  title: "Somebody who signs up with another's address first gets the account that the other one confirms.",
  kind: "attack",
  layers: ["identity"],
  // Codes are bound to the request they were made for.
  asvs: ["V6.6.2"],
  wstg: ["WSTG-IDNT-02"],
  events: ["signin.failed"],
  company: "together",
  sabotage: carelessMail,
  run: async (session) => {
    const { signUp, email: rules } = session.policy.identity;
    if (signUp !== "open" || !rules.confirm) {
      throw new ProbeError(
        "probes/nothing-to-attack",
        "Nobody signs up, or no address is confirmed.",
        "Say `email.confirm: true` in the policy: without it anybody signs up as anybody.",
      );
    }
    const bearer = (await session.people.bob()).accessToken;
    const email = `probe-${randomUUID()}@${session.target.emailDomain ?? "probe.invalid"}`;
    const [theirs, own] = [await attempt(session, email, bearer), await attempt(session, email, bearer)];
    const confirmed = await press(session, own.link);
    const token = fragmentOf(confirmed).get("access_token");
    session.require(token !== null, "the owner's own link confirms and signs in");
    session.afterwards(() => session.accounts.remove(String(decodeClaims(token ?? "")["sub"])));
    await expectClosed(session, email, theirs.password, bearer, "the password of whoever signed up first");
    const late = await press(session, theirs.link);
    session.judge({
      request: "the confirmation link of the other attempt, afterwards",
      expected: "dead",
      got: fragmentOf(late).get("error_code") ?? `${late.status}`,
      held: fragmentOf(late).get("error_code") === "otp_expired",
      event: { name: "signin.failed", correlation: late.correlation },
    });
    await expectClosed(session, email, theirs.password, bearer, "that password once more");
    const opened = await signIn(session, email, own.password, bearer);
    session.judge({
      request: "the password that the owner chose",
      expected: "signed in",
      got: opened.status === 200 ? "signed in" : `${opened.status} ${errorWord(opened)}`,
      held: opened.status === 200,
    });
    return await session.conclude("The account has the password of the attempt that was confirmed, and no other.");
  },
};

interface Attempt {
  readonly password: string;
  readonly link: URL;
}

async function attempt(session: ProbeSession, email: string, bearer: string): Promise<Attempt> {
  const password = `long enough ${randomUUID()}`;
  session.redaction.hide(password, "password");
  const asked = { method: "POST", path: "/auth/v1/signup", bearer, body: { email, password } } as const;
  await session.positive("somebody signs up", asked, 200);
  return { password, link: await mailedLink(session, email, "confirm-sign-up") };
}

const signIn = (session: ProbeSession, email: string, password: string, bearer: string) =>
  session.ask({
    method: "POST",
    path: "/auth/v1/token?grant_type=password",
    bearer,
    body: { email, password },
    headers: { "x-supabase-api-version": "2024-01-01" },
  });

async function expectClosed(
  session: ProbeSession,
  email: string,
  password: string,
  bearer: string,
  request: string,
): Promise<void> {
  const answer = await signIn(session, email, password, bearer);
  session.judge({
    request,
    expected: "refused with 400, event signin.failed",
    got: `${answer.status} ${answer.status < 400 ? "signed in" : errorWord(answer)}`,
    held: answer.status === 400,
    event: { name: "signin.failed", correlation: answer.correlation },
  });
}
