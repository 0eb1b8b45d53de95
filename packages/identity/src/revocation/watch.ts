// What another instance on the same database called back, learned by asking PostgreSQL four times a second: one small statement
// that finds what was recorded since the last look, however late its transaction committed. Asking is also how a lost connection
// is noticed: who has heard nothing for too long says so, and whoever verifies tokens then refuses them all.
import type { IdentityContext } from "../identity-context.ts";
import { learnKeys, registerKeys } from "../key/keys.ts";

export interface RevocationWatch {
  /** Looks once, so that nothing is served before what has ended is known, and then again and again. @throws DatabaseError */
  start(): Promise<void>;
  stop(): void;
  /** False while it cannot be told what has ended. */
  isKnown(): boolean;
}

export interface RevocationWatchOptions {
  /** With a connection of its own, so that a flood of requests does not keep the watch waiting. */
  readonly context: IdentityContext;
  /** 0: never. For a process that has the database to itself. */
  readonly everyMs: number;
}

export const watchEveryMsUsual = 250;
/** After so long without an answer nothing is known any more. */
const silenceMsMax = 3_000;
const keysEveryMs = 60_000;
/** How long the vault is asked again and again for the key that took the place of our own; then once a minute. */
const vaultMsMax = 10_000;

interface Look {
  /** The oldest transaction that was under way: the next look begins there. */
  readonly mark: string;
  readonly ended: readonly (readonly [sessionId: string, until: number])[];
  /** Changes with every key that is made, retired or revoked. */
  readonly keys: string;
}

const look = `select pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text as mark,
  (select coalesce(jsonb_agg(jsonb_build_array(session_id, extract(epoch from until) * 1000)), '[]')
   from holdfast_keeper.ended_sessions where recorded_in >= $1::xid8) as ended,
  (select coalesce(string_agg(concat_ws(' ', kid, retired_at, revoked_at), ',' order by kid), '')
   from auth.signing_keys) as keys`;

export function createRevocationWatch({ context, everyMs }: RevocationWatchOptions): RevocationWatch {
  let mark = "0";
  let keysSeen = "";
  let keysLearnedAt = Number.NEGATIVE_INFINITY;
  let retiredAt = Number.POSITIVE_INFINITY;
  let heardAt = Number.NEGATIVE_INFINITY;
  let isFailing = false;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function lookOnce(): Promise<void> {
    const askedAt = performance.now();
    const { rows } = await context.database.query<Look>(look, [mark]);
    const [found] = rows;
    if (found === undefined) throw new Error("PostgreSQL answered without a row.");
    tell(found.ended);
    // Also from time to time without a change: a retired key is believed until the last of its tokens has run out.
    if (found.keys !== keysSeen || askedAt - keysLearnedAt > keysEveryMs) {
      const isSettled = await learnKeys(context);
      // The row is there before the vault holds the key: looked for again in a moment.
      keysSeen = isSettled || askedAt - retiredAt > vaultMsMax ? found.keys : "";
      if (isSettled) retiredAt = Number.POSITIVE_INFINITY;
      else if (retiredAt === Number.POSITIVE_INFINITY) retiredAt = askedAt;
      keysLearnedAt = askedAt;
    }
    mark = found.mark;
    // What was recorded after the question was asked may be missing from the answer.
    heardAt = askedAt;
    isFailing = false;
  }

  function tell(ended: Look["ended"]): void {
    const byEnd = Map.groupBy(ended, ([, until]) => until);
    for (const [until, sessions] of byEnd)
      context.onSessionEnded(
        sessions.map(([id]) => id),
        until,
      );
  }

  function again(): void {
    if (isStopped) return;
    timer = setTimeout(() => {
      lookOnce()
        .catch((error: Error) => {
          // The next look tries again; meanwhile `isKnown` says what cannot be known. One event for each outage.
          if (!isFailing && !isStopped) {
            const reason = `revocations-unheard: ${error.name}`;
            context.emit({ name: "api.error", at: context.now(), service: "identity", reason });
          }
          isFailing = true;
        })
        .finally(again);
    }, everyMs);
    timer.unref();
  }

  return {
    async start() {
      await registerKeys(context);
      if (everyMs === 0) return;
      await lookOnce();
      again();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
    isKnown: () => everyMs === 0 || performance.now() - heardAt < silenceMsMax,
  };
}
