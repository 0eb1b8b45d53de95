import { randomInt, randomUUID } from "node:crypto";
import type { Account } from "../accounts.ts";
import type { Check } from "../check.ts";
import { judgeTimes, type PairedTimes } from "../paired-times.ts";
import { carelessRule } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";

/** Whoever has been guessed so often is somebody else next time, as is whoever would be locked out by it. */
const PAIRS_EACH_MAX = 6;
const PAIRS_MAX = 120;
/** Less than a check may take, so that it says itself why it came to no end. */
const DURATION_MS_MAX = 45_000;

export const signInTiming: Check = {
  id: "sign-in-timing",
  title: "The time of a refused sign-in tells whether an address has an account.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V6.3.8"],
  wstg: ["WSTG-IDNT-04"],
  events: ["signin.failed"],
  company: "alone",
  measuresTime: true,
  sabotage: carelessRule(
    "compares-nothing",
    "Where nobody has the address no password is compared.",
    "comparesForUnknown",
    () => false,
  ),
  // Finer differences than a hash are measured over thousands of requests by identity's own test.
  run: async (session) => {
    const pairs: PairedTimes[] = [];
    const startedAt = performance.now();
    const each = Math.min(PAIRS_EACH_MAX, session.policy.identity.lockout.attempts - 1);
    let victim = await session.victim();
    while (pairs.length < PAIRS_MAX && performance.now() - startedAt < DURATION_MS_MAX) {
      if (pairs.length > 0 && pairs.length % each === 0) victim = await session.victim();
      pairs.push(await measure(session, victim));
      const verdict = judgeTimes(pairs);
      if (verdict === "undecided") continue;
      session.judge({
        request: `compare ${pairs.length} answers for known with as many for unknown addresses`,
        expected: "neither kind is slower",
        got: verdict === "alike" ? "neither is" : `those for ${verdict} addresses are slower`,
        held: verdict === "alike",
      });
      return await session.conclude("Known and unknown addresses were refused in about the same time.");
    }
    session.require(
      false,
      `${pairs.length} pairs of answers tell whether one kind is slower; this machine is too busy`,
    );
    return await session.conclude("");
  },
};

/**
 * One wrong password for an address that has an account and one for an address that has none, from an address of their own. Which comes
 * first is drawn.
 */
async function measure(session: ProbeSession, victim: Account): Promise<PairedTimes> {
  const ask = await session.client.elsewhere();
  await ask({ method: "GET", path: "/auth/v1/health" });
  const guess = async (email: string): Promise<number> => {
    const started = performance.now();
    const answer = await ask({
      method: "POST",
      path: "/auth/v1/token?grant_type=password",
      bearer: victim.accessToken,
      body: { email, password: `wrong ${randomUUID()}` },
    });
    const elapsed = performance.now() - started;
    session.judge({
      request: "sign in with a wrong password",
      expected: "refused with 400, event signin.failed",
      got: String(answer.status),
      held: answer.status === 400,
      event: { name: "signin.failed", correlation: answer.correlation },
    });
    return elapsed;
  };
  const stranger = `probe-${randomUUID()}@probe.invalid`;
  if (randomInt(2) === 0) return { known: await guess(victim.email), unknown: await guess(stranger) };
  return { unknown: await guess(stranger), known: await guess(victim.email) };
}
