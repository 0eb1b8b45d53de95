import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asSubject } from "../as-subject.ts";
import type { DatabasePool } from "../database-pool.ts";
import { openReplicaRoom, REPLICA_ROOM_PASSWORD, type ReplicaRoom } from "../testing/replica-room.ts";
import type { ReadRouter } from "./read-router.ts";
import type { ReplicaWatch } from "./replica-watch.ts";
import type { Standby } from "./standby.ts";

const ada = { sub: "11111111-1111-4111-8111-111111111111", role: "authenticated", session_id: randomUUID() };
const bob = { sub: "22222222-2222-4222-8222-222222222222", role: "authenticated", session_id: randomUUID() };
const ROUNDS = Number(process.env["HOLDFAST_REPLICA_READS"] ?? 200);
const SETUP = `
  create table public.notes (id bigint primary key, owner uuid not null, n bigint not null);
  alter table public.notes owner to holdfast_owner;
  alter table public.notes enable row level security;
  alter table public.notes force row level security;
  create policy own on public.notes to authenticated using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
  grant usage on schema public to authenticated;
  grant select, insert, update on public.notes to authenticated;
`;
const READ = "select n::int as n from public.notes where id = $1";
const write = (pool: DatabasePool, claims: typeof ada, id: number, n: number) =>
  asSubject(pool, claims, {
    text: "insert into public.notes values ($1, $2, $3) on conflict (id) do update set n = excluded.n",
    values: [id, claims.sub, n],
  });

let room: ReplicaRoom;
let standby: Standby;
let watch: ReplicaWatch;
beforeAll(async () => {
  room = await openReplicaRoom();
  await room.administrator.query(SETUP);
  standby = await room.standby("standby_1");
  watch = await room.watch([standby]);
});
afterAll(() => room.close());

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: { code?: string }) => error.code ?? String(error),
  );

/** How many of `rounds` reads right after a commit showed less than was written. */
async function staleReads(
  router: ReadRouter,
  rounds: number,
  marks: "sent along" | "remembered" | "none",
): Promise<number> {
  let stale = 0;
  for (let n = 1; n <= rounds; n += 1) {
    await write(room.pool, ada, 1, n);
    const mark = marks === "none" ? undefined : await router.mark(marks === "remembered" ? ada.sub : undefined);
    const { rows } = await router.read<{ n: number }>(
      ada,
      { text: READ, values: [1] },
      {},
      marks === "sent along" ? mark : undefined,
    );
    if (rows[0]?.n !== n) stale += 1;
  }
  return stale;
}

describe("reads on a replica", () => {
  test(`never show less than the subject has written: ${ROUNDS} of them, by marks sent along or remembered`, async () => {
    const router = room.router([standby], { waitMs: 500 });
    expect(await staleReads(router, ROUNDS / 2, "sent along")).toBe(0);
    expect(await staleReads(router, ROUNDS / 2, "remembered")).toBe(0);
    expect(router.metrics.replica).toBeGreaterThan(ROUNDS / 2);
  });

  test("do without marks show less: what the marks are for", async () => {
    const held = new pg.Client(standby.settings("postgres"));
    await held.connect();
    await held.query("select pg_wal_replay_pause()");
    expect(await staleReads(room.router([standby]), 3, "none")).toBe(3);
    await held.query("select pg_wal_replay_resume()");
    await held.end();
  });

  test("wait no longer than they may: then the primary answers", async () => {
    const router = room.router([standby], { waitMs: 20 });
    const held = new pg.Client(standby.settings("postgres"));
    await held.connect();
    await held.query("select pg_wal_replay_pause()");
    await write(room.pool, ada, 1, 7_777);
    const mark = await router.mark();
    const started = performance.now();
    const { rows } = await router.read(ada, { text: READ, values: [1] }, {}, mark);
    expect(rows).toEqual([{ n: 7_777 }]);
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(router.metrics).toMatchObject({ replica: 0, primary: 1, gaveUp: 1 });
    await expect.poll(() => watch.reports[0]?.state, { timeout: 4_000 }).toBe("late");
    expect(watch.mayRead("standby_1")).toBe(false);
    await held.query("select pg_wal_replay_resume()");
    await held.end();
    await expect.poll(() => watch.reports[0]?.state, { timeout: 4_000 }).toBe("following");
    expect(watch.reports[0]).toMatchObject({ lagBytes: 0, slot: "reserved", timeline: 1 });
  });

  test("are under the same row-level security and proofs, and writes go to the primary", async () => {
    const onReplica = room.poolOn(standby);
    const router = room.router([standby], { waitMs: 500 });
    await write(room.pool, bob, 2, 42);
    const mark = await router.mark();
    expect((await router.read(bob, { text: READ, values: [2] }, {}, mark)).rows).toEqual([{ n: 42 }]);
    expect((await router.read(ada, { text: READ, values: [2] }, {}, mark)).rows).toEqual([]);
    expect(await codeOf(router.read(null, { text: READ, values: [2] }, {}, mark))).toBe("database/refused");
    const forged = asSubject(onReplica, ada, async (transaction) => {
      await transaction.query("select set_config('request.jwt.claims', $1, true)", [JSON.stringify(bob)]);
      return transaction.query(READ, [2]);
    });
    expect(await codeOf(forged)).toBe("database/claims-refused");
    const update = { text: "update public.notes set n = 43 where id = 2 returning n::int as n" };
    expect((await router.read(bob, update)).rows).toEqual([{ n: 43 }]);
    // A statement that only looks like a read: the replica cannot, so the primary does.
    const hidden = {
      text: "with changed as (update public.notes set n = 44 where id = 2 returning n) select n::int as n from changed",
    };
    expect((await router.read(bob, hidden)).rows).toEqual([{ n: 44 }]);
  });

  test("are over for a session that has ended, as soon as the replica has heard", async () => {
    const onReplica = room.poolOn(standby);
    const identity = room.database.pool("holdfast_identity");
    const read = { text: READ, values: [1] };
    expect(await codeOf(asSubject(onReplica, ada, read))).toBe("no error");
    await identity.query("insert into holdfast_keeper.ended_sessions values ($1, now(), now() + interval '1 hour')", [
      ada.session_id,
    ]);
    await expect.poll(() => codeOf(asSubject(onReplica, ada, read)), { timeout: 1_000 }).toBe("database/session-ended");
    await identity.query("delete from holdfast_keeper.ended_sessions");
    await identity.end();
    await expect.poll(() => codeOf(asSubject(onReplica, ada, read)), { timeout: 2_000 }).toBe("no error");
  });

  test("a mark that is none, or lies in the future, costs a wait at most", async () => {
    const router = room.router([standby], { waitMs: 20 });
    await write(room.pool, ada, 1, 5);
    await wait(100);
    for (const mark of ["", "nonsense", "FFFFFFFF/FFFFFFFF", "'; drop table notes"]) {
      expect((await router.read(ada, { text: READ, values: [1] }, {}, mark)).rows).toEqual([{ n: 5 }]);
    }
  });
});

describe("a replica", () => {
  test("that is killed is not used until it follows again, and readers notice nothing", async () => {
    const router = room.router([standby], {
      mayRead: (name) => watch.mayRead(name),
      distrust: (name) => watch.distrust(name),
    });
    await expect.poll(() => watch.mayRead("standby_1"), { timeout: 4_000 }).toBe(true);
    await write(room.pool, ada, 1, 1);
    await router.mark(ada.sub);
    const ended = new Promise((resolve) => standby.onExit(resolve));
    const reading = Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        await wait(index);
        return (await router.read<{ n: number }>(ada, { text: READ, values: [1] })).rows[0]?.n;
      }),
    );
    await wait(50);
    await room.kill("standby_1");
    expect(new Set(await reading)).toEqual(new Set([1]));
    await ended;
    await expect.poll(() => watch.reports[0]?.state).toBe("away");
    await write(room.pool, ada, 1, 2);
    await standby.stop();
    standby = await room.standby("standby_1");
    await expect.poll(() => watch.reports[0]?.state, { timeout: 10_000 }).toBe("following");
    await router.mark(ada.sub);
    expect((await router.read(ada, { text: READ, values: [1] })).rows).toEqual([{ n: 2 }]);
  });

  test("that was promoted is on another timeline, and no read goes there", async () => {
    const other = await room.standby("standby_2");
    const both = await room.watch([standby, other]);
    expect(both.mayRead("standby_2")).toBe(true);
    await other.promote();
    await expect.poll(() => both.reports[1]?.state, { timeout: 4_000 }).toBe("astray");
    expect(both.mayRead("standby_1")).toBe(true);
    await both.stop();
    await other.remove();
    const { rows } = await room.administrator.query("select slot_name from pg_replication_slots");
    expect(rows).toEqual([{ slot_name: "standby_1" }]);
  });
});

test("a replica whose primary is killed serves nobody, because nobody knows what ended meanwhile, and follows again by itself", async () => {
  const router = room.router([standby], { mayRead: (name) => watch.mayRead(name), waitMs: 500 });
  await expect.poll(() => watch.mayRead("standby_1"), { timeout: 4_000 }).toBe(true);
  await write(room.pool, ada, 1, 3);
  await router.mark(ada.sub);
  const ended = new Promise((resolve) => room.primary.onExit(resolve));
  await room.kill("primary");
  await ended;
  await expect.poll(() => watch.reports[0]?.state, { timeout: 4_000 }).toBe("astray");
  expect(await codeOf(router.read(ada, { text: READ, values: [1] }))).toBe("database/unavailable");
  await room.restart();
  await expect.poll(() => watch.reports[0], { timeout: 10_000 }).toMatchObject({ state: "following", timeline: 1 });
  await write(room.pool, ada, 1, 4);
  await router.mark(ada.sub);
  const before = router.metrics.replica;
  expect((await router.read(ada, { text: READ, values: [1] })).rows).toEqual([{ n: 4 }]);
  expect(router.metrics.replica).toBe(before + 1);
});

test("a failover is rehearsed on a copy, which is gone afterwards while the primary goes on", async () => {
  const { failoverDrill } = await import("./failover-drill.ts");
  const { user, password } = await room.replication();
  const report = await failoverDrill({
    name: "drill_1",
    directory: join(room.folder, "drill_1"),
    primary: room.primary,
    replication: { user, password },
    superuserPassword: REPLICA_ROOM_PASSWORD,
    database: "app",
  });
  expect(report).toMatchObject({ isComplete: true, timeline: { before: 1, after: 2 } });
  expect(report.firstWriteMs).toBeLessThan(10_000);
  const { rows } = await room.administrator.query(
    "select slot_name from pg_replication_slots where slot_name like 'drill%'",
  );
  expect(rows).toEqual([]);
  expect(await readdir(room.folder)).not.toContain("drill_1");
  await write(room.pool, ada, 1, 9);
});
