import { randomUUID } from "node:crypto";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { carelessRule } from "../sabotages.ts";
import { guessPassword, shapeOf } from "../sign-in-attack.ts";

/** Rounds of the comparison by time; each costs two failures of the address's limit. */
const ROUNDS = 2;
/** Only a gross difference counts: an unknown address that costs no hash at all, not the noise of a busy machine. */
const TIME_RATIO_MAX = 8;

export const mfa02: Check = {
  ...fromAttackList("MFA-02"),
  title: "Sign-in or sign-up tells whether an address has an account, by text, status or time.",
  kind: "attack",
  layers: ["identity"],
  events: ["signin.failed"],
  company: "alone",
  sabotage: carelessRule(
    "reveals-accounts",
    "Refusals say whether an account exists.",
    "revealsUnknownAccounts",
    () => true,
  ),
  run: async (session) => {
    const victim = await session.victim();
    const times: { known: number[]; unknown: number[] } = { known: [], unknown: [] };
    for (let round = 0; round < ROUNDS; round++) {
      const known = await timed(() => guessPassword(session, victim.email, `wrong ${randomUUID()}`));
      const unknown = await timed(() =>
        guessPassword(session, `probe-${randomUUID()}@probe.invalid`, `wrong ${randomUUID()}`),
      );
      times.known.push(known.elapsed);
      times.unknown.push(unknown.elapsed);
      session.judge({
        request: "sign in with a wrong password, to a known and to an unknown address",
        expected: `the same answer, event signin.failed (${shapeOf(known.value)})`,
        got: shapeOf(unknown.value),
        held: shapeOf(known.value) === shapeOf(unknown.value) && known.value.status === 400,
        event: { name: "signin.failed", correlation: unknown.value.correlation },
      });
    }
    const ratio = Math.min(...times.known) / Math.min(...times.unknown);
    session.judge({
      request: "compare the fastest answer for a known and for an unknown address",
      expected: `a ratio between 1/${TIME_RATIO_MAX} and ${TIME_RATIO_MAX}`,
      got: ratio < TIME_RATIO_MAX && ratio > 1 / TIME_RATIO_MAX ? "within it" : `a ratio of ${ratio.toFixed(1)}`,
      held: ratio < TIME_RATIO_MAX && ratio > 1 / TIME_RATIO_MAX,
    });
    if (session.policy.identity.signUp === "open") await compareSignUps(session, victim.email);
    return await session.conclude("Known and unknown addresses were answered alike.");
  },
};

async function compareSignUps(session: Parameters<Check["run"]>[0], taken: string): Promise<void> {
  const bob = await session.people.bob();
  const signUp = (email: string) =>
    session.ask({
      method: "POST",
      path: "/auth/v1/signup",
      bearer: bob.accessToken,
      body: { email, password: `long enough ${randomUUID()}` },
    });
  const free = `probe-${randomUUID()}@probe.invalid`;
  const [first, second] = [await signUp(free), await signUp(taken)];
  const made = (first.json as { id?: string; user?: { id?: string } } | undefined)?.id;
  if (made) session.afterwards(() => session.accounts.remove(made));
  session.judge({
    request: "sign up with a free and with a taken address",
    expected: `the same answer (${shapeOf(first)})`,
    got: shapeOf(second),
    held: shapeOf(first) === shapeOf(second),
  });
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; elapsed: number }> {
  const started = performance.now();
  const value = await work();
  return { value, elapsed: performance.now() - started };
}
