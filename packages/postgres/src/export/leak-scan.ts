// Searches a masked copy for what must not be in it, knowing nothing of how it was made: the originals of masked columns, anywhere in it,
// and ids that a row of the database still has.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { ClientBase } from "pg";
import { type MaskedTable, quoted, relation } from "./masked-table.ts";
import { UUID } from "./pseudonym.ts";

/** Shorter values stand in ordinary words: they are not searched for inside of texts. */
export const ORIGINAL_CHARACTERS_MIN = 6;
/** Originals that are searched for; more would not fit into memory, and the export is refused. */
export const ORIGINALS_MAX = 2_000_000;
const IDS_AT_ONCE = 10_000;
const BATCH = 10_000;

export interface Leak {
  /** `public.people.address` */
  readonly place: string;
  readonly count: number;
}

/** Inside the snapshot that was copied. @throws RangeError where there are too many originals to search for */
export async function scanForOriginals(
  client: ClientBase,
  tables: readonly MaskedTable[],
  file: string,
): Promise<readonly Leak[]> {
  const originals = await readOriginals(client, tables);
  const counts = new Map<string, number>();
  const count = (place: string, found: number): void => {
    if (found > 0) counts.set(place, (counts.get(place) ?? 0) + found);
  };
  let ids = new Set<string>();
  for await (const line of createInterface({
    input: createReadStream(file, "utf8"),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    for (const place of originals.in(line)) count(place, 1);
    for (const [id] of line.matchAll(UUID)) ids.add(id.toLowerCase());
    if (ids.size < IDS_AT_ONCE) continue;
    for (const { place, found } of await knownIds(client, tables, ids)) count(place, found);
    ids = new Set();
  }
  for (const { place, found } of await knownIds(client, tables, ids)) count(place, found);
  return [...counts].map(([place, found]) => ({ place, count: found }));
}

/** Texts by their first characters: each place of a line is looked up once. */
class Originals {
  readonly #byStart = new Map<string, { readonly text: string; readonly place: string }[]>();
  size = 0;

  add(text: string, place: string): void {
    // A copy is searched line by line, and quotes and backslashes are doubled in it: the longest piece without them stands for the text.
    const [piece = ""] = text.split(/[\n\r'\\]/).toSorted((left, right) => right.length - left.length);
    if (piece.length < ORIGINAL_CHARACTERS_MIN) return;
    const start = piece.slice(0, ORIGINAL_CHARACTERS_MIN);
    const known = this.#byStart.get(start);
    if (known === undefined) this.#byStart.set(start, [{ text: piece, place }]);
    else if (!known.some((each) => each.text === piece)) known.push({ text: piece, place });
    this.size += 1;
  }

  *in(line: string): Generator<string> {
    for (let at = 0; at + ORIGINAL_CHARACTERS_MIN <= line.length; at += 1) {
      const candidates = this.#byStart.get(line.slice(at, at + ORIGINAL_CHARACTERS_MIN));
      for (const { text, place } of candidates ?? []) if (line.startsWith(text, at)) yield place;
    }
  }
}

async function readOriginals(client: ClientBase, tables: readonly MaskedTable[]): Promise<Originals> {
  const originals = new Originals();
  for (const table of tables) {
    for (const { name, type, mask } of table.columns) {
      if (mask === null || mask === "year" || type !== "text") continue;
      await client.query(
        `DECLARE holdfast_originals NO SCROLL CURSOR FOR SELECT DISTINCT ${quoted(name)} FROM ${relation(table)}`,
      );
      for (;;) {
        const { rows } = await client.query<[string | null]>({
          text: `FETCH FORWARD ${BATCH} FROM holdfast_originals`,
          rowMode: "array",
        });
        if (rows.length === 0) break;
        for (const [text] of rows as unknown as [string | null][])
          if (text !== null) originals.add(text, `${table.schema}.${table.name}.${name}`);
        if (originals.size > ORIGINALS_MAX)
          throw new RangeError(`more than ${ORIGINALS_MAX} masked values to search for`);
      }
      await client.query("CLOSE holdfast_originals");
    }
  }
  return originals;
}

async function knownIds(
  client: ClientBase,
  tables: readonly MaskedTable[],
  ids: ReadonlySet<string>,
): Promise<readonly { place: string; found: number }[]> {
  if (ids.size === 0) return [];
  const found = [];
  for (const table of tables) {
    for (const { name, type } of table.columns) {
      if (type !== "uuid") continue;
      const { rows } = await client.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM unnest($1::uuid[]) AS copied(id) WHERE EXISTS (SELECT FROM ${relation(table)} r WHERE r.${quoted(name)} = copied.id)`,
        [[...ids]],
      );
      found.push({ place: `${table.schema}.${table.name}.${name}`, found: rows[0]?.count ?? 0 });
    }
  }
  return found;
}
