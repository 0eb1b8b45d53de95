import { randomUUID } from "node:crypto";
import type { Check } from "../check.ts";
import { carelessRule } from "../sabotages.ts";

/** Each victim's address takes this many failures, below every limit a policy may set less one. */
const VICTIMS = 6;
const PAIRS_EACH = 2;
/**
 * What is twice as fast does less. On a busy machine one measure errs now and then: both must say so, the fastest answers of each
 * kind and the middle of the pairs. Finer differences are measured over thousands of requests by identity's own test.
 */
const RATIO_MAX = 2;

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
  run: async (session) => {
    const times: { readonly known: number[]; readonly unknown: number[] } = { known: [], unknown: [] };
    for (let number = 0; number < VICTIMS; number++) {
      const victim = await session.victim();
      const guess = async (email: string): Promise<number> => {
        const started = performance.now();
        const answer = await session.ask({
          method: "POST",
          path: "/auth/v1/token?grant_type=password",
          bearer: victim.accessToken,
          body: { email, password: `wrong ${randomUUID()}` },
          fromElsewhere: true,
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
      for (let pair = 0; pair < PAIRS_EACH; pair++) {
        times.known.push(await guess(victim.email));
        times.unknown.push(await guess(`probe-${randomUUID()}@probe.invalid`));
      }
    }
    const ratios = [
      Math.min(...times.known) / Math.min(...times.unknown),
      middle(times.known.map((known, index) => known / (times.unknown[index] ?? Number.NaN))),
    ];
    const isAlike = !ratios.every((ratio) => ratio >= RATIO_MAX) && !ratios.every((ratio) => ratio <= 1 / RATIO_MAX);
    session.judge({
      request: `compare ${VICTIMS * PAIRS_EACH} answers for known with as many for unknown addresses`,
      expected: `a ratio between 1/${RATIO_MAX} and ${RATIO_MAX}`,
      got: isAlike ? "within it" : `ratios of ${ratios.map((ratio) => ratio.toFixed(1)).join(" and ")}`,
      held: isAlike,
    });
    return await session.conclude("Known and unknown addresses were refused in about the same time.");
  },
};

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
