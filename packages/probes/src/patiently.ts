// The housekeeping of a run waits where a limit says how long.
import type { Answer, Asked, EdgeClient } from "./edge-client.ts";

const TOO_MANY_REQUESTS = 429;
/** Longest wait for a limit of the administration interface to give something back, and how often it is asked again. */
const WAIT_SECONDS_MAX = 10;
const TRIES_MAX = 20;

/**
 * Asks again after as long as the answer says when a limit was reached: run after run uses up what the service key may do in a
 * minute. Only for the run's own housekeeping, never for an attack.
 */
export async function patiently(client: EdgeClient, asked: Asked): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const answer = await client.ask(asked);
    const seconds = Number(answer.headers["retry-after"]);
    const isWorthIt = answer.status === TOO_MANY_REQUESTS && seconds <= WAIT_SECONDS_MAX && tries < TRIES_MAX;
    if (!isWorthIt) return answer;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}
