// What a flood of sign-ins costs everybody else: the p99 of refreshing under the flood as a ratio to its quiet p99, both in one run
// and in turn. The flood hashes as fast as identity lets it; a refresh hashes nothing.
import { startIdentity } from "./identity-load/start-identity.ts";
import type { Figure } from "./main.ts";

export const name = "Refresh under a flood of sign-ins";

const RATIO_MAX = 3;
const ROUNDS = 3;
const REFRESHES = 200;
/** Sign-ins under way at any moment: bounded, since this machine pays for both sides. */
const FLOOD = 16;
const ACCOUNTS = 8;
const PASSWORD = "gravel-otter-lantern-47";

interface Session {
  refresh_token: string;
}

const at = (milliseconds: readonly number[], share: number): number =>
  milliseconds.toSorted((one, other) => one - other)[Math.floor(milliseconds.length * share)] ?? Number.NaN;

export async function run(report: (line: string) => void): Promise<readonly Figure[]> {
  const { identity, url, stop } = await startIdentity();
  try {
    let calls = 0;
    const post = async (grant: string, body: object): Promise<Response> => {
      calls += 1;
      return await fetch(`${url}/token?grant_type=${grant}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-holdfast-address": `10.0.${(calls >> 8) & 255}.${calls & 255}`,
        },
        body: JSON.stringify(body),
      });
    };
    const emails = Array.from({ length: ACCOUNTS }, (_, index) => `flood-${index}@example.test`);
    for (const email of emails) await identity.createAccount({ email, password: PASSWORD, roles: ["reader"] });
    const victim = "victim@example.test";
    await identity.createAccount({ email: victim, password: PASSWORD, roles: ["reader"] });
    const session = (await (await post("password", { email: victim, password: PASSWORD })).json()) as Session;

    const refreshes = async (): Promise<readonly number[]> => {
      const took: number[] = [];
      for (let index = 0; index < REFRESHES; index += 1) {
        const startedAt = performance.now();
        const answer = await post("refresh_token", { refresh_token: session.refresh_token });
        session.refresh_token = ((await answer.json()) as Session).refresh_token;
        if (answer.status !== 200) throw new Error(`A refresh answered ${answer.status}.`);
        took.push(performance.now() - startedAt);
      }
      return took;
    };
    const quiet: number[] = [];
    const flooded: number[] = [];
    let signIns = 0;
    await refreshes();
    for (let round = 0; round < ROUNDS; round += 1) {
      quiet.push(...(await refreshes()));
      let isOver = false;
      const attack = async (index: number): Promise<void> => {
        for (let turn = index; !isOver; turn += 1) {
          await (await post("password", { email: emails[turn % ACCOUNTS], password: PASSWORD })).text();
          signIns += 1;
        }
      };
      const attackers = Array.from({ length: FLOOD }, (_, index) => attack(index));
      flooded.push(...(await refreshes()));
      isOver = true;
      await Promise.all(attackers);
    }
    const ratio = at(flooded, 0.99) / at(quiet, 0.99);
    report(`quiet: p50 ${at(quiet, 0.5).toFixed(1)} ms, p99 ${at(quiet, 0.99).toFixed(1)} ms`);
    report(
      `flood: p50 ${at(flooded, 0.5).toFixed(1)} ms, p99 ${at(flooded, 0.99).toFixed(1)} ms, beside ${signIns} sign-ins`,
    );
    const figure = "p99 of refresh in a flood of sign-ins, as a ratio to its quiet p99";
    return [{ figure, value: ratio, goal: `≤ ${RATIO_MAX}`, met: ratio <= RATIO_MAX }];
  } finally {
    await stop();
  }
}
