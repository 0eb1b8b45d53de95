// What reading from a replica costs and gives, beside the primary: the same read as the same subject, rounds interleaved; the share of
// reads that went to the replica; one right after a commit, which waits for its mark, beside the same on the primary; a promotion.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { asSubject, failoverDrill, type ReadRouter } from "@holdfast/postgres";
import { openReplicaRoom, REPLICA_ROOM_PASSWORD, type ReplicaRoom } from "@holdfast/postgres/testing";
import type { Figure } from "./main.ts";

export const name = "Reads on a replica, beside reads on the primary";

const ROUNDS = 9;
const READS = 300;
const AFTER_WRITES = 300;
const PROMOTIONS = 3;
const READ_RATIO_MAX = 1.2;
const AFTER_WRITE_RATIO_MAX = 3;
const PROMOTION_MS_MAX = 1_000;
const REPLICA_SHARE_MIN = 0.95;
const CLAIMS = { sub: "11111111-1111-4111-8111-111111111111", role: "authenticated", session_id: randomUUID() };
const SETUP = `
  create table public.notes (id bigint primary key, owner uuid not null, n bigint not null);
  alter table public.notes owner to holdfast_owner;
  alter table public.notes enable row level security;
  alter table public.notes force row level security;
  create policy own on public.notes to authenticated using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
  grant usage on schema public to authenticated;
  grant select, insert, update on public.notes to authenticated;
  insert into public.notes select id, '${CLAIMS.sub}', 0 from generate_series(1, 10000) as id;
`;
const READ = "select n::int as n from public.notes where id = $1";
const WRITE = "update public.notes set n = $2 where id = $1";

const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) * part)] ?? Number.NaN;
const median = (values: readonly number[]): number => quantile(values, 0.5);

export async function run(report: (line: string) => void): Promise<readonly Figure[]> {
  const room = await openReplicaRoom();
  try {
    await room.administrator.query(SETUP);
    const standby = await room.standby("standby_1");
    const router = room.router([standby]);
    const ratio = await readRatio(room, router, report);
    const { replica, primary, share } = await readsAfterWrites(room, router);
    for (const [where, times] of Object.entries({ replica, primary }))
      report(
        `right after a commit, ${where}: ${median(times).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms`,
      );
    const promotions = await promote(room, report);
    return [
      atMost("read through the router on a replica ÷ on the primary", ratio, READ_RATIO_MAX),
      atMost(
        "read right after its writer's commit, on a replica ÷ on the primary",
        median(replica) / median(primary),
        AFTER_WRITE_RATIO_MAX,
      ),
      {
        figure: "share of those reads that the replica answered",
        value: share,
        goal: `≥ ${REPLICA_SHARE_MIN}`,
        met: share >= REPLICA_SHARE_MIN,
      },
      atMost("promotion to the first write, ms", median(promotions), PROMOTION_MS_MAX),
    ];
  } finally {
    await room.close();
  }
}

const atMost = (figure: string, value: number, most: number): Figure => ({
  figure,
  value,
  goal: `≤ ${most}`,
  met: value <= most,
});

/** The median of the rounds' ratios. */
async function readRatio(room: ReplicaRoom, router: ReadRouter, report: (line: string) => void): Promise<number> {
  const statement = (id: number) => ({ text: READ, values: [id + 1] });
  const timed = async (read: (id: number) => Promise<unknown>): Promise<number> => {
    const since = performance.now();
    for (let id = 0; id < READS; id += 1) await read(id);
    return (performance.now() - since) / READS;
  };
  const onPrimary = () => timed((id) => asSubject(room.pool, CLAIMS, statement(id)));
  const onReplica = () => timed((id) => router.read(CLAIMS, statement(id)));
  await onPrimary();
  await onReplica();
  const rounds: { primary: number; replica: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    rounds.push({ primary: await onPrimary(), replica: await onReplica() });
  report(
    `primary ${median(rounds.map(({ primary }) => primary)).toFixed(3)} ms, replica ${median(rounds.map(({ replica }) => replica)).toFixed(3)} ms a read`,
  );
  return median(rounds.map(({ primary, replica }) => replica / primary));
}

interface AfterWrites {
  /** Milliseconds of each read. */
  readonly replica: readonly number[];
  readonly primary: readonly number[];
  /** Of the router's reads, those that the replica answered. */
  readonly share: number;
}

/** Each read must show what was just written. */
async function readsAfterWrites(room: ReplicaRoom, router: ReadRouter): Promise<AfterWrites> {
  const before = router.metrics.replica;
  const replica: number[] = [];
  const primary: number[] = [];
  const statement = { text: READ, values: [1] };
  for (let n = 1; n <= AFTER_WRITES; n += 1) {
    await asSubject(room.pool, CLAIMS, { text: WRITE, values: [1, n] });
    const mark = await router.mark();
    const since = performance.now();
    const { rows } = await router.read<{ n: number }>(CLAIMS, statement, {}, mark);
    replica.push(performance.now() - since);
    const again = performance.now();
    await asSubject(room.pool, CLAIMS, statement);
    primary.push(performance.now() - again);
    if (rows[0]?.n !== n) throw new Error(`a stale read: expected ${n}, found ${rows[0]?.n}`);
  }
  return { replica, primary, share: (router.metrics.replica - before) / AFTER_WRITES };
}

async function promote(room: ReplicaRoom, report: (line: string) => void): Promise<readonly number[]> {
  const replication = await room.replication();
  const times: number[] = [];
  for (let drill = 0; drill < PROMOTIONS; drill += 1) {
    const { firstWriteMs, copiedMs, isComplete } = await failoverDrill({
      name: `drill_${drill}`,
      directory: join(room.folder, `drill_${drill}`),
      primary: room.primary,
      replication,
      superuserPassword: REPLICA_ROOM_PASSWORD,
      database: "app",
    });
    if (!isComplete) throw new Error("the promoted copy lacks something that was committed");
    report(`copied in ${copiedMs.toFixed(0)} ms, first write ${firstWriteMs.toFixed(0)} ms after the order to promote`);
    times.push(firstWriteMs);
  }
  return times;
}
