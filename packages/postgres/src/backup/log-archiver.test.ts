// The archive across what interrupts it: nothing is lost while the server keeps the log, and a gap is told when it does not.
import { expect, test } from "vitest";
import { openBackupRoom } from "../testing/backup-room.ts";
import type { ArchiveChange } from "./log-archiver.ts";

const SEGMENTS = 6;

test("an archiver that was away goes on where it stopped; once the server has given the log up, the gap is named and a new backup ends it", async () => {
  const room = await openBackupRoom({
    max_slot_wal_keep_size: "16MB",
    max_wal_size: "32MB",
    min_wal_size: "32MB",
    summarize_wal: "off", // What is not summarised yet would be kept as well.
  });
  const changes: ArchiveChange[] = [];
  const archiver = () => room.archiver({ onChange: (change) => changes.push(change) });
  try {
    await room.client.query("create table things (id int)");
    const first = archiver();
    await room.backup();
    await room.client.query("insert into things values (1)");
    await room.archived(first);
    await first.stop();
    await room.client.query("insert into things values (2)");
    const second = archiver();
    await room.archived(second);
    await second.stop();
    expect(changes.map(({ kind }) => kind)).toEqual(["running", "running"]);
    for (let segment = 0; segment < SEGMENTS; segment += 1)
      await room.client.query("insert into things select 3 from generate_series(1, 10000); select pg_switch_wal()");
    await room.client.query("checkpoint");
    const third = archiver();
    await room.archived(third);
    expect(changes.map(({ kind }) => kind)).toEqual(["running", "running", "gap", "running"]);
    const after = await room.now();
    await room.client.query("insert into things values (4)");
    await room.archived(third);
    await expect(room.restore("across", { to: after })).rejects.toMatchObject({ code: "backup/log-gap" });
    await room.backup();
    await room.client.query("insert into things values (5)");
    await room.archived(third);
    await room.restore("newest");
    const newest = await room.ask(
      "newest",
      async (client) => (await client.query("select max(id)::int as id from things")).rows[0].id,
    );
    expect(newest).toBe(5);
  } finally {
    await room.close();
  }
}, 60_000);
