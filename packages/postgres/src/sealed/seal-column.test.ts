import { randomUUID } from "node:crypto";
import type { Vault } from "@holdfast/vault";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { asSubject } from "../as-subject.ts";
import type { DatabasePool } from "../database-pool.ts";
import { diary, openSealedRoom, type SealedRoom } from "../testing/sealed-room.ts";
import type { TestDatabase } from "../testing/test-database.ts";
import { resealColumn } from "./reseal.ts";
import { sealColumn } from "./seal-column.ts";
import type { SealedColumn } from "./sealed-column.ts";
import type { SealedTable } from "./sealed-table.ts";
import { toFind, toSeal } from "./sealed-value.ts";
import { usualPace, type WorkProgress } from "./work-pace.ts";

const { column, person, grants } = diary;

let room: SealedRoom;
let vault: Vault;
let database: TestDatabase;
let administrator: pg.Client;
let pool: DatabasePool;

beforeAll(async () => {
  room = await openSealedRoom();
  ({ vault, database, administrator } = room);
});
afterAll(() => room.close());
beforeEach(async () => {
  await administrator.query(`
    drop table if exists diary; drop schema if exists holdfast_sealing cascade;
    create table diary (id uuid primary key, owner_id uuid not null, text text not null, text_index holdfast.blind_index, touched int not null default 0);
    alter table diary enable row level security;
    create policy own on diary to authenticated using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
    create or replace function touch() returns trigger language plpgsql as $$ begin new.touched := new.touched + 1; return new; end $$;
    create trigger touched before update on diary for each row execute function touch();
    ${grants[0]}`);
  pool = database.pool("holdfast_api", { sealing: sealingOf(column) });
});

const sealingOf = (sealed: SealedColumn) => room.sealing([sealed]);

async function withWorker<T>(work: (table: SealedTable) => Promise<T>, sealed = column): Promise<T> {
  const client = new pg.Client(database.settings());
  await client.connect();
  const subjectColumn = sealed.hasSubject ? "owner_id" : null;
  try {
    return await work({ client, keyring: vault.keyring, tenant: "us", column: sealed, subjectColumn });
  } finally {
    await client.end();
  }
}
const seal = (more: { rewrites?: boolean; wished?: Parameters<typeof usualPace>[0]; column?: SealedColumn } = {}) =>
  withWorker(
    (table) =>
      sealColumn(table, {
        pace: usualPace({ rowsPerSecondMax: 1e9, ...more.wished }),
        grants,
        rewrites: more.rewrites === true,
      }),
    more.column,
  );

const fill = (rows: number, text = "'canary ' || n") =>
  administrator.query(
    `insert into diary (id, owner_id, text) select gen_random_uuid(), '${person.sub}', ${text} from generate_series(1, ${rows}) n`,
  );
const texts = async (): Promise<string[]> => {
  const { rows } = await asSubject<{ text: string }>(pool, person, { text: "select id, text from diary" });
  return rows.map(({ text }) => text).sort();
};
const canaries = (rows: number): string[] => Array.from({ length: rows }, (_, n) => `canary ${n + 1}`).sort();
const write = (id: string, text: string) =>
  asSubject(pool, person, {
    text: "insert into diary (id, owner_id, text) values ($1, $2, $3) on conflict (id) do update set text = excluded.text",
    values: [id, person.sub, toSeal("diary.text", { key: id, subject: person.sub }, text)],
  });

test("a plain column is sealed, reads as before, and the application's own triggers do not notice", async () => {
  await fill(450);
  const seen: WorkProgress[] = [];
  const report = await seal({ wished: { onProgress: (progress) => seen.push(progress) } });
  expect(report).toEqual({ changed: true, sealed: 450, rewritten: false });
  expect(seen.at(-1)).toEqual({ done: 450, total: 450 });
  expect(await texts()).toEqual(canaries(450));
  const { rows } = await administrator.query(
    "select max(touched) as touched, bool_or(diary::text like '%canary%') as plain from diary",
  );
  expect(rows).toEqual([{ touched: 0, plain: false }]);
  expect(await seal()).toEqual({ changed: false, sealed: 0, rewritten: false });
});

test("the plain bytes stay in the table's file until it is written anew", async () => {
  await fill(20);
  const holdsPlain = async (): Promise<boolean> => {
    await administrator.query("checkpoint");
    const file = "position('canary'::bytea in pg_read_binary_file(pg_relation_filepath('diary'))) > 0";
    return (await administrator.query(`select ${file} as found`)).rows[0].found;
  };
  await seal();
  expect(await holdsPlain()).toBe(true);
  expect(await seal({ rewrites: true })).toEqual({ changed: false, sealed: 0, rewritten: true });
  expect(await holdsPlain()).toBe(false);
  expect(await texts()).toEqual(canaries(20));
});

test("the application writes and reads all the while, and nothing it wrote is lost or older than it wrote", async () => {
  await fill(600);
  const { rows } = await administrator.query<{ id: string }>("select id from diary limit 40");
  const last = new Map<string, string>();
  let isOver = false;
  let round = 0;
  const writer = (async () => {
    while (!isOver) {
      round += 1;
      for (const id of [...rows.slice(0, 20).map((row) => row.id), randomUUID()]) {
        const text = `round ${round}`;
        await write(id, text);
        last.set(id, text);
      }
      expect((await texts()).length).toBeGreaterThanOrEqual(600);
    }
  })();
  await seal({ wished: { batchRows: 20, rowsPerSecondMax: 1_000 } });
  for (const begun = round; round < begun + 2; ) await new Promise((resolve) => void setTimeout(resolve, 5));
  isOver = true;
  await writer;
  const { rows: now } = await asSubject<{ id: string; text: string }>(pool, person, {
    text: "select id, text from diary",
  });
  const read = new Map(now.map(({ id, text }) => [id, text]));
  for (const [id, text] of last) expect(read.get(id)).toBe(text);
  expect(round).toBeGreaterThan(3);
});

test("a seal that is cut short goes on where it was", async () => {
  await fill(300);
  const cut = seal({
    wished: {
      batchRows: 50,
      onProgress: ({ done }) => {
        if (done === 150) throw new Error("cut short");
      },
    },
  });
  await expect(cut).rejects.toThrow("cut short");
  expect(await texts()).toEqual(canaries(300));
  expect(await seal()).toEqual({ changed: true, sealed: 150, rewritten: false });
  expect(await texts()).toEqual(canaries(300));
});

test("work keeps to its pace", async () => {
  await fill(100);
  let clock = 0;
  const waits: number[] = [];
  const wait = async (ms: number) => {
    waits.push(ms);
    clock += ms;
  };
  await seal({ wished: { batchRows: 25, rowsPerSecondMax: 50, now: () => clock, wait } });
  expect(waits).toEqual([500, 500, 500, 500]);
});

test("what uses the plain values is refused with the line that mends it, nothing is changed, and after that line it is sealed", async () => {
  await fill(3);
  const uses = {
    "create index diary_text on diary (text)": "drop index concurrently diary_text;",
    "alter table diary add constraint diary_once unique (text)": "alter table diary drop constraint diary_once;",
    "alter table diary add constraint diary_two check (text <> id::text)":
      "alter table diary drop constraint diary_two;",
    "create view diary_view as select text from diary": "drop view diary_view;",
    "create materialized view diary_kept as select text from diary": "drop materialized view diary_kept;",
  };
  for (const [use, mend] of Object.entries(uses)) {
    await administrator.query(use);
    await expect(seal()).rejects.toMatchObject({
      code: "database/sealed-unbound",
      hint: expect.stringContaining(mend),
    });
    expect(await texts()).toEqual(canaries(3));
    await administrator.query(mend);
  }
  await administrator.query("alter table diary add constraint diary_long check (char_length(text) < 1000)");
  expect(await seal()).toMatchObject({ changed: true, sealed: 3 });
  expect(await texts()).toEqual(canaries(3));
});

test("a blind index is made with it, and refused for few different values", async () => {
  const indexed = { ...column, blindIndex: true, hasSubject: false };
  await fill(200, "'status ' || n % 5");
  await expect(seal({ column: indexed })).rejects.toMatchObject({
    found: expect.stringContaining("5 different values"),
  });
  await administrator.query("delete from diary");
  await fill(200);
  await seal({ column: indexed });
  const finding = database.pool("holdfast_api", { sealing: sealingOf(indexed) });
  const found = await asSubject(finding, person, {
    text: "select id, text from diary where text_index = $1",
    values: [toFind("diary.text", "canary 77")],
  });
  expect(found.rows.map(({ text }) => text)).toEqual(["canary 77"]);
});

test("after a rotation every value is sealed anew; one that does not open is told and left; cut short, it goes on", async () => {
  await fill(300);
  await seal();
  const scope = { purpose: "field", dataClass: "public.diary.text", subject: person.sub } as const;
  const { idBytes } = await vault.keyring.rotate(scope);
  const cut = withWorker((table) =>
    resealColumn(
      table,
      usualPace({
        batchRows: 50,
        rowsPerSecondMax: 1e9,
        onProgress: ({ done }) => {
          if (done === 100) throw new Error("cut short");
        },
      }),
    ),
  );
  await expect(cut).rejects.toThrow("cut short");
  await administrator.query(
    "update diary set text = set_byte(text, octet_length(text) - 1, get_byte(text, octet_length(text) - 1) # 1) where id = (select id from diary where substr(text, 3, 20) <> $1 limit 1)",
    [idBytes],
  );
  const report = await withWorker((table) => resealColumn(table, usualPace({ rowsPerSecondMax: 1e9 })));
  expect(report).toEqual({ resealed: 199, refused: 1, left: 1 });
  const { rows } = await administrator.query("select count(*)::int as n from diary where substr(text, 3, 20) = $1", [
    idBytes,
  ]);
  expect(rows).toEqual([{ n: 299 }]);
});
