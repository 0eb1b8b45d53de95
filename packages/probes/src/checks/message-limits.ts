import { randomInt, randomUUID } from "node:crypto";
import { errorWord } from "../accounts.ts";
import type { Check } from "../check.ts";
import type { Answer } from "../edge-client.ts";
import { carelessRule } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";

const version = { "x-supabase-api-version": "2024-01-01" };

/** Nobody is flooded through us, nobody earns by text messages, and a code is guessed at only as often as there are codes. */
export const messageLimits: Check = {
  id: "message-limits",
  title: "Somebody is sent as many mails or text messages as a stranger likes.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V2.4.1", "V6.3.1"],
  wstg: ["WSTG-BUSL-05"],
  events: ["message.refused", "signin.locked"],
  company: "together",
  sabotage: carelessRule("never-locks-out", "No number of failures locks anything.", "isLockedOut", () => false),
  run: async (session) => {
    await mails(session);
    const { factors, phone } = session.policy.identity;
    if (factors.phone || phone.signIn) await textMessages(session);
    return await session.conclude("One address and one number get only so many messages, whoever asks for them.");
  },
};

/** An address that nobody has is counted like any other, and nothing is sent to it. */
async function mails(session: ProbeSession): Promise<void> {
  const email = `probe-${randomUUID()}@${session.target.emailDomain ?? "probe.invalid"}`;
  const askers = [await session.victim(), await session.victim()];
  const { attempts } = session.policy.identity.lockout;
  const doors = ["recover", "otp", "resend"] as const;
  const ask = async (round: number): Promise<Answer> => {
    const door = doors[round % doors.length];
    const body =
      door === "otp" ? { email, create_user: false } : { email, ...(door === "resend" ? { type: "signup" } : {}) };
    // What each may ask of the edge in a minute is another limit.
    const bearer = askers[round % askers.length]?.accessToken as string;
    return session.ask({ method: "POST", path: `/auth/v1/${door}`, bearer, headers: version, body });
  };
  for (let round = 0; round < attempts; round += 1) {
    const { status } = await ask(round);
    session.require(status === 200, `message ${round + 1} of ${attempts} may be asked for (${status})`);
  }
  judge(session, "one mail more to the same address", await ask(0), "over_email_send_rate_limit", "message.refused");
}

/** A number of the range that is kept for films: one message goes there. */
async function textMessages(session: ProbeSession): Promise<void> {
  const phone = `120255501${randomInt(10, 100)}`;
  const victim = await session.victim();
  const bearer = victim.accessToken;
  const limited = async (ask: () => Promise<Answer>): Promise<void> => {
    const first = await ask();
    const isSentElsewhere = errorWord(first) === "sms_send_failed";
    // A policy may name countries, and this one not.
    if (isSentElsewhere) return;
    session.require(first.status === 200, `a text message may be asked for (${first.status} ${errorWord(first)})`);
    const second = await ask();
    judge(session, "a text message to the same number at once", second, "over_sms_send_rate_limit", "signin.locked");
  };
  if (session.policy.identity.factors.phone) {
    const body = { factor_type: "phone", friendly_name: "probe", phone };
    const enrol = { method: "POST", path: "/auth/v1/factors", bearer, headers: version, body } as const;
    const { id } = (await session.positive("a number can be enrolled", enrol, 200)).json as { id: string };
    const path = `/auth/v1/factors/${id}/challenge`;
    await limited(() => session.ask({ method: "POST", path, bearer, headers: version, body: {} }));
  } else {
    const body = { phone, create_user: false };
    await limited(() => session.ask({ method: "POST", path: "/auth/v1/otp", bearer, headers: version, body }));
  }
}

function judge(
  session: ProbeSession,
  what: string,
  answer: Answer,
  word: string,
  event: "message.refused" | "signin.locked",
): void {
  session.judge({
    request: what,
    expected: `refused: 429 ${word}, event ${event}`,
    got: `${answer.status} ${answer.status < 400 ? "sent" : errorWord(answer)}`,
    held: answer.status === 429 && errorWord(answer) === word,
    event: { name: event, correlation: answer.correlation },
  });
}
