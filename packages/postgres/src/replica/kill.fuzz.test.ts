import { randomInt } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openReplicaRoom, type ReplicaRoom } from "../testing/replica-room.ts";
import type { Standby } from "./standby.ts";

/** Each ends in a crash recovery, so a sample is tried with every run and the many by `npm run fuzz`. */
const KILLS = Number(process.env["HOLDFAST_REPLICA_KILLS"] ?? 4);
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

/** Writes one row after the other until it is told to stop or the primary is gone; resolves with the newest that was confirmed. */
async function writeFrom(first: number, until: () => boolean): Promise<number> {
  let n = first;
  try {
    for (; !until(); n += 1) await room.administrator.query("insert into public.kept values ($1)", [n]);
  } catch (error) {
    // Cut off by the kill; what the primary keeps of the last one is either.
    expect((error as { code?: string }).code).toBeOneOf([undefined, "57P01", "57P02", "57P03", "ECONNRESET", "EPIPE"]);
  }
  return n - 1;
}

async function rowsOf(settings: pg.ClientConfig): Promise<{ readonly rows: number; readonly newest: number }> {
  const client = new pg.Client(settings);
  await client.connect();
  const { rows } = await client.query(
    "select count(*)::int as rows, coalesce(max(n), 0)::int as newest from public.kept",
  );
  await client.end();
  return rows[0];
}

/** Kills a server of the room somewhere in its writes and starts it again; resolves with the newest row that was confirmed. */
async function killWhileWriting(victim: "primary" | "standby_1", written: number): Promise<number> {
  const ended = new Promise((resolve) => (victim === "primary" ? room.primary : standby).onExit(resolve));
  let isOver = false;
  const writing = writeFrom(written + 1, () => isOver);
  await wait(randomInt(WRITES_MS_MAX));
  await room.kill(victim);
  await ended;
  isOver = true;
  const confirmed = await writing;
  if (victim === "primary") {
    await room.restart();
    return confirmed;
  }
  await standby.stop();
  const more = await writeFrom(confirmed + 1, () => true);
  standby = await room.standby("standby_1");
  return more;
}

test(
  `a primary with a standby and the standby itself are killed ${KILLS} times in writes, and nothing that was confirmed is missing on either`,
  async () => {
    let written = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const confirmed = await killWhileWriting(kill % 2 === 0 ? "primary" : "standby_1", written);
      const { rows, newest } = await rowsOf(room.primary.settings("app"));
      expect(newest, `after kill ${kill + 1}`).toBeOneOf([confirmed, confirmed + 1]);
      expect(rows).toBe(newest);
      written = newest;
      const watch = await room.watch([standby]);
      await expect.poll(() => watch.reports[0], { timeout: 10_000 }).toMatchObject({ state: "following", lagBytes: 0 });
      await watch.stop();
      expect(await rowsOf(standby.settings("app"))).toEqual({ rows: written, newest: written });
    }
  },
  TIMEOUT_MS,
);
