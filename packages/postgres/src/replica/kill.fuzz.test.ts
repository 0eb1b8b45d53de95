import { randomInt } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openReplicaRoom, type ReplicaRoom } from "../testing/replica-room.ts";
import type { Standby } from "./standby.ts";

/** Each ends in a crash recovery, so a sample is tried with every run and the many by `npm run fuzz`. */
const KILLS = Number(process.env["HOLDFAST_REPLICA_KILLS"] ?? 2);
const WRITES_MS_MAX = 120;
const TIMEOUT_MS = 60_000 + KILLS * 5_000;

let room: ReplicaRoom;
let standby: Standby;
beforeAll(async () => {
  room = await openReplicaRoom();
  await room.administrator.query("create table public.kept (n bigint primary key)");
  standby = await room.standby("standby_1");
});
afterAll(() => room.close());

test(
  `a standby that is killed ${KILLS} times while the primary writes goes on each time, and misses nothing`,
  async () => {
    let written = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const until = performance.now() + randomInt(WRITES_MS_MAX);
      const killed = new Promise((resolve) => standby.onExit(resolve));
      while (performance.now() < until) {
        written += 1;
        await room.administrator.query("insert into public.kept values ($1)", [written]);
      }
      await room.kill("standby_1");
      await killed;
      written += 1;
      await room.administrator.query("insert into public.kept values ($1)", [written]);
      await standby.stop();
      standby = await room.standby("standby_1");
      const watch = await room.watch([standby]);
      await expect.poll(() => watch.reports[0], { timeout: 10_000 }).toMatchObject({ state: "following", lagBytes: 0 });
      await watch.stop();
      const { Client } = (await import("pg")).default;
      const client = new Client(standby.settings("app"));
      await client.connect();
      const { rows } = await client.query("select count(*)::int as rows, max(n)::int as newest from public.kept");
      await client.end();
      expect(rows).toEqual([{ rows: written, newest: written }]);
    }
  },
  TIMEOUT_MS,
);
