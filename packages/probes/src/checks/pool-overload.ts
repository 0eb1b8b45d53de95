import type { Check } from "../check.ts";
import { databaseOf } from "../database-session.ts";
import { ProbeError } from "../probe-error.ts";
import type { NarrowPool, TargetDatabase } from "../target.ts";

/** Requests beyond what the pool serves and lets wait. */
const TOO_MANY = 12;
const HOLD = "select pg_catalog.pg_sleep(0.3)";
/** Shorter than one statement holds its connection: whoever is refused was not kept waiting first. */
const AT_ONCE_MS = 250;
const REFUSED = "database/pool-full";

export const poolOverload: Check = {
  id: "pool-overload",
  title: "More requests than the pool can serve pile up until nobody is answered.",
  kind: "attack",
  layers: ["database", "api"],
  asvs: ["V13.1.3", "V15.2.2"],
  wstg: ["WSTG-BUSL-07"],
  events: [],
  company: "together",
  sabotage: {
    name: "endless-queue",
    sentence: "Whoever finds the pool full waits for as long as it takes.",
    hole: { kind: "database", change: withEndlessQueue },
  },
  run: async (session) => {
    const { narrowPool: open } = databaseOf(session);
    if (open === undefined) {
      throw new ProbeError(
        "probes/nothing-to-attack",
        "Expected a pool like the application's that is small enough to be filled, found none.",
        "Give target.database.narrowPool.",
      );
    }
    const pool = open();
    session.afterwards(() => pool.close());
    const one = await pool.run(null, "select 1", []);
    session.require(one.rowCount === 1, "a single request is served");
    const places = pool.connectionsMax + pool.queueMax;
    const started = performance.now();
    const outcomes = await Promise.all(
      Array.from({ length: places + TOO_MANY }, async () => {
        const refusal = await pool.run(null, HOLD, []).then(
          () => undefined,
          (error: Error & { readonly code?: string; readonly retryAfterS?: number }) => error,
        );
        return { refusal, afterMs: performance.now() - started };
      }),
    );
    session.require(
      outcomes.filter(({ refusal }) => refusal === undefined).length >= pool.connectionsMax,
      "some are served",
    );
    for (const { refusal, afterMs } of outcomes.slice(places)) {
      const isRefused = refusal?.code === REFUSED && (refusal.retryAfterS ?? 0) >= 1;
      session.judge({
        request: `a request when ${pool.connectionsMax} are served and ${pool.queueMax} wait`,
        expected: `refused with ${REFUSED} within ${AT_ONCE_MS} ms, and told when to come again`,
        got: `${refusal === undefined ? "served" : (refusal.code ?? refusal.name)} after ${Math.round(afterMs)} ms`,
        held: isRefused && afterMs < AT_ONCE_MS,
      });
    }
    const after = await pool.run(null, "select 1", []);
    session.require(after.rowCount === 1, "the pool serves again when the flood is over");
    return await session.conclude(`${TOO_MANY} requests too many were refused at once; the others were served.`);
  },
};

const LOOK_AGAIN_MS = 20;

function withEndlessQueue(sound: TargetDatabase): TargetDatabase {
  const { narrowPool: open } = sound;
  if (open === undefined) return sound;
  return {
    ...sound,
    narrowPool() {
      const pool = open();
      const run: NarrowPool["run"] = async (claims, text, values) => {
        for (;;) {
          try {
            return await pool.run(claims, text, values);
          } catch (error) {
            // That the pool is full is what this twin does not want to hear.
            if ((error as { readonly code?: string }).code !== REFUSED) throw error;
            await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
          }
        }
      };
      return { ...pool, run };
    },
  };
}
