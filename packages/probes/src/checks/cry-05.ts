import { randomBytes } from "node:crypto";
import type pg from "pg";
import { fromAttackList } from "../attack-list.ts";
import { tableName } from "../canary-rows.ts";
import type { Check } from "../check.ts";
import { administratorConnection, quoteIdentifier } from "../database-session.ts";
import { makeObject } from "../object-routes.ts";
import { unsealedColumns } from "../sabotages.ts";
import { type SealedFamily, sealedFamilies } from "../sealed-objects.ts";
import type { ProbeSession } from "../session.ts";

/** A larger file is searched at its end, where new rows are. */
const SEARCHED_BYTES_MAX = 64 * 1024 * 1024;
/** Files of the write-ahead log that are searched; a check writes far less than one. */
const LOG_FILES_MAX = 4;

export const cry05: Check = {
  ...fromAttackList("CRY-05"),
  title: "A sealed text is read in the database's files, its write-ahead log or a dump.",
  kind: "attack",
  layers: ["database"],
  events: [],
  company: "together",
  sabotage: unsealedColumns,
  run: async (session) => {
    const administrator = await administratorConnection(session);
    const alice = await session.people.alice();
    for (const sealed of sealedFamilies(session, alice)) {
      const canary = `canary ${randomBytes(18).toString("base64url")}`;
      const from = await logPosition(administrator);
      const made = await makeObject(session, sealed.family, alice, canary);
      const { [sealed.column]: text } = (made.made.json ?? {}) as Record<string, unknown>;
      session.require(text === canary, `${sealed.family.collection} answers its owner with the text in the clear`);
      // What is found everywhere is the row's own key: a place where it is not found was not searched at all.
      const key = rowKey(made.id);
      for (const [place, find] of await places(administrator, sealed, from, made.id)) {
        session.require(await find(key), `the row of ${sealed.rule.name} is found in ${place}`);
        judge(session, sealed, place, await find(Buffer.from(canary)));
      }
    }
    return await session.conclude("No sealed text was found in the files of its table, the write-ahead log or a dump.");
  },
};

function judge(session: ProbeSession, { rule, column }: SealedFamily, place: string, isFound: boolean): void {
  session.judge({
    request: `search ${place} for a text that was written to ${rule.name}.${column}`,
    expected: "nothing",
    got: isFound ? "the text" : "nothing",
    held: !isFound,
  });
}

type Find = (bytes: Buffer) => Promise<boolean>;

/** A uuid is stored as its 16 bytes, another key as it is written. */
const rowKey = (id: string): Buffer =>
  /^[0-9a-f-]{36}$/iu.test(id) ? Buffer.from(id.replaceAll("-", ""), "hex") : Buffer.from(id);

async function logPosition(administrator: pg.Client): Promise<string> {
  const { rows } = await administrator.query<{ lsn: string }>("select pg_current_wal_insert_lsn()::text as lsn");
  return rows[0]?.lsn ?? "";
}

async function places(
  administrator: pg.Client,
  { rule }: SealedFamily,
  from: string,
  id: string,
): Promise<readonly (readonly [string, Find])[]> {
  await administrator.query("checkpoint"); // What is in memory only is in no file yet.
  const within = async (text: string, values: readonly unknown[]): Promise<boolean> => {
    const { rows } = await administrator.query<{ found: boolean | null }>(text, [...values]);
    return rows.some(({ found }) => found === true);
  };
  const table: Find = (bytes) =>
    within(
      `select position($2::bytea in pg_read_binary_file(pg_relation_filepath(c.oid), greatest(0, pg_relation_size(c.oid) - $3),
         least(pg_relation_size(c.oid), $3))) > 0 as found
       from pg_class c where pg_relation_size(c.oid) > 0 and (c.oid = $1::regclass or c.oid = (select reltoastrelid from pg_class where oid = $1::regclass)
         or c.oid in (select indexrelid from pg_index where indrelid = $1::regclass))`,
      [tableName(rule), bytes, SEARCHED_BYTES_MAX],
    );
  const log: Find = (bytes) =>
    within(
      `select position($1::bytea in pg_read_binary_file('pg_wal/' || name)) > 0 as found from (select name from pg_ls_waldir()
         where name >= pg_walfile_name($2::pg_lsn) and name <= pg_walfile_name(pg_current_wal_insert_lsn())
           and name ~ '^[0-9A-F]{24}$' order by name limit $3) newest`,
      [bytes, from, LOG_FILES_MAX],
    );
  // As COPY and pg_dump write it: the text itself, or bytes as hexadecimal digits.
  const dump: Find = (bytes) =>
    within(
      `select position($2 in t::text) > 0 or position($3 in t::text) > 0 or position($4 in replace(t::text, '-', '')) > 0 as found
       from ${tableName(rule)} t where t.${quoteIdentifier(rule.primaryKey)}::text = $1`,
      [id, bytes.toString("latin1").replaceAll("\0", ""), bytes.toString("hex"), bytes.toString("hex")],
    );
  return [
    [`the files of ${rule.name}`, table],
    ["the write-ahead log", log],
    [`a dump of ${rule.name}`, dump],
  ];
}
