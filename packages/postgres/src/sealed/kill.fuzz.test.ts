// kill -9 at random moments of sealing a column and of a rotation: nothing is lost, nothing is unreadable, and whoever comes
// next finishes. `HOLDFAST_KILLS` says how often; `npm run fuzz kills` kills 200 times.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asSubject } from "../as-subject.ts";
import type { DatabasePool } from "../database-pool.ts";
import { randomFrom } from "../testing/random-from.ts";
import type { SealWork } from "../testing/seal-worker.ts";
import { diary, openSealedRoom, type SealedRoom } from "../testing/sealed-room.ts";
import type { TestDatabase } from "../testing/test-database.ts";

const KILLS = Number(process.env["HOLDFAST_KILLS"] ?? "3");
const ROWS = 200;
const MS_PER_KILL_MAX = 20_000;
/** Most of the work is over by then. */
const DELAY_MS_MAX = 250;
const worker = fileURLToPath(new URL("../testing/seal-worker.ts", import.meta.url));
const { column, person, grants } = diary;

let room: SealedRoom;
let database: TestDatabase;
let administrator: pg.Client;
let pool: DatabasePool;

beforeAll(async () => {
  room = await openSealedRoom();
  ({ database, administrator } = room);
  pool = database.pool("holdfast_api", { sealing: room.sealing([column]) });
});
afterAll(() => room.close());

const plainTable = () =>
  administrator.query(`
    drop table if exists diary; drop schema if exists holdfast_sealing cascade;
    create table diary (id uuid primary key, owner_id uuid not null, text text not null);
    alter table diary enable row level security;
    create policy own on diary to authenticated using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
    insert into diary select gen_random_uuid(), '${person.sub}', 'text ' || n from generate_series(1, ${ROWS}) n;
    ${grants[0]}`);

/** Runs the work, and kills it after so many milliseconds; says whether it was over before. */
function run(kind: SealWork["kind"], killAfterMs: number): Promise<boolean> {
  const work: SealWork = {
    kind,
    settings: database.settings(),
    directory: room.vaultDirectory,
    column,
    subject: person.sub,
    grants,
  };
  const child = spawn(process.execPath, ["--conditions=holdfast-source", worker, JSON.stringify(work)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let [output, errors] = ["", ""];
    child.stderr.on("data", (chunk: Buffer) => void (errors += chunk.toString()));
    child.stdout.on("data", (chunk: Buffer) => {
      const isBegun = output.includes("begun");
      output += chunk.toString();
      if (!isBegun && output.includes("begun")) setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    });
    child.on("close", (exitCode, signal) => {
      if (exitCode === 0 || signal === "SIGKILL") resolve(output.includes("done"));
      else reject(new Error(errors || `exit code ${exitCode}`));
    });
  });
}

async function everyText(): Promise<readonly string[]> {
  const { rows } = await asSubject<{ text: string }>(pool, person, { text: "select id, text from diary" });
  return rows.map(({ text }) => text).sort();
}
const expected = Array.from({ length: ROWS }, (_, n) => `text ${n + 1}`).sort();

test(
  `${KILLS} kills of sealing and rotating lose nothing, and the work is finished in the end`,
  async () => {
    const random = randomFrom(Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 1_000_000));
    const finished = { seal: 0, rotate: 0 };
    let kills = 0;
    while (kills < KILLS) {
      await plainTable();
      for (const begun of ["seal", "rotate"] as const) {
        // A rotation that was cut short is gone on with, not begun again.
        let kind: SealWork["kind"] = begun;
        while (kills < KILLS && !(await run(kind, random() * DELAY_MS_MAX))) {
          kills += 1;
          if (kind === "rotate") kind = "reseal";
          expect(await everyText()).toEqual(expected);
        }
        // The last time nobody kills it.
        if (kills >= KILLS) expect(await run(begun === "seal" ? "seal" : "reseal", MS_PER_KILL_MAX)).toBe(true);
        finished[begun] += 1;
        expect(await everyText()).toEqual(expected);
      }
      const { rows } = await administrator.query(
        `select count(distinct substr(text, 3, 20))::int as keys, pg_typeof(min(text::bytea))::text as type,
           (select count(*)::int from pg_attribute where attrelid = 'diary'::regclass and attnum > 0 and not attisdropped) as columns,
           (select count(*)::int from pg_trigger where tgrelid = 'diary'::regclass) as triggers from diary`,
      );
      expect(rows).toEqual([{ keys: 1, type: "bytea", columns: 3, triggers: 0 }]);
    }
    expect(finished.seal).toBeGreaterThan(0);
    expect(finished.rotate).toBe(finished.seal);
  },
  MS_PER_KILL_MAX * (KILLS + 2),
);
