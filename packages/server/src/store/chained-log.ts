// One append-only, hash-chained table. Writers are serialised by a row that only they can lock, so that two processes on one
// database continue one chain. The head goes into the vault after each commit; a crash in between leaves records beyond it, never fewer.
import { type ChainHead, type ChainRow, continueChain, EMPTY_HEAD, type SequenceOf, verifyChain } from "./chain.ts";
import type { ChainReport } from "./chain-report.ts";
import type { Database, Statements } from "./database.ts";
import type { SealedHead } from "./sealed-head.ts";

export type LogTable = "event" | "evidence" | "alert_log" | "incident_log";

/** Records read at a time while verifying or replaying. */
const PAGE_ROWS = 1000;

/** A head is sealed at most this long after its record was written; a crash in between leaves an unsealed tail, never a gap. */
const SEAL_INTERVAL_MS = 1_000;

/** Makes the canonical text of a record once its sequence number is known. */
export type BodyOf = (seq: number) => string;

export interface ChainedLog {
  readonly table: LogTable;
  /** The newest record this process knows of. */
  readonly head: ChainHead;
  /** Appends in the caller's transaction. Call `committed` with the rows after it committed, or not at all. */
  appendIn(statements: Statements, bodies: readonly BodyOf[]): Promise<readonly ChainRow[]>;
  committed(rows: readonly ChainRow[]): void;
  /** Appends in a transaction of its own. */
  append(bodies: readonly BodyOf[]): Promise<readonly ChainRow[]>;
  /** Records after `seq`, oldest first, page by page. */
  pagesAfter(seq: number): AsyncIterable<readonly ChainRow[]>;
  verify(): Promise<ChainReport>;
  /** Seals the newest head now; resolves when it is sealed, or sealing has failed. */
  sealed(): Promise<void>;
}

export interface ChainedLogOptions {
  readonly database: Database;
  readonly table: LogTable;
  readonly sealedHead: SealedHead;
  readonly sequenceOf: SequenceOf;
  /** Told when the head cannot be sealed. */
  readonly onSealFailure?: (cause: unknown) => void;
}

/** A row as PostgreSQL returns it. */
export interface StoredRow {
  readonly seq: string;
  readonly body: string;
  readonly previous_hash: string;
  readonly hash: string;
}

export const toChainRow = (row: StoredRow): ChainRow => ({
  seq: Number(row.seq),
  body: row.body,
  previousHash: row.previous_hash,
  hash: row.hash,
});

/** Opens a log whose table exists. The first start of an empty log seals the empty head, so that a missing one is a fault later. */
export async function openChainedLog(options: ChainedLogOptions): Promise<ChainedLog> {
  const { database, table, sealedHead, sequenceOf } = options;
  const sealedAtStart = await sealedHead.read();
  let head = furthest(await tailOf(database, table), sealedAtStart ?? EMPTY_HEAD);
  if (sealedAtStart === null && head.seq === 0) await sealedHead.write(EMPTY_HEAD);
  const sealing = createSealing(sealedHead, options.onSealFailure ?? (() => undefined));

  const appendIn = async (statements: Statements, bodies: readonly BodyOf[]): Promise<readonly ChainRow[]> => {
    await takeTurn(statements, table);
    // A table that was cut goes on after the head we know: the gap stays visible instead of being filled with new records.
    const rows = continueChain(furthest(await tailOf(statements, table), head), bodies);
    await statements.query(
      `INSERT INTO platform.${table} (seq, body, previous_hash, hash)
       SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[])`,
      [
        rows.map((row) => row.seq),
        rows.map((row) => row.body),
        rows.map((row) => row.previousHash),
        rows.map((row) => row.hash),
      ],
    );
    return rows;
  };

  const committed = (rows: readonly ChainRow[]): void => {
    const last = rows.at(-1);
    if (last === undefined || last.seq <= head.seq) return;
    head = { seq: last.seq, hash: last.hash };
    sealing.seal(head);
  };

  const pagesAfter = (seq: number): AsyncIterable<readonly ChainRow[]> => readPages(database, table, seq);

  return {
    table,
    get head() {
      return head;
    },
    appendIn,
    committed,
    async append(bodies) {
      const rows = await database.transaction((statements) => appendIn(statements, bodies));
      committed(rows);
      return rows;
    },
    pagesAfter,
    async verify() {
      await sealing.settled();
      return verifyChain(pagesAfter(0), await sealedHead.read(), sequenceOf);
    },
    sealed: sealing.settled,
  };
}

const furthest = (left: ChainHead, right: ChainHead): ChainHead => (right.seq > left.seq ? right : left);

/** Waits until no other transaction appends to the log; holds until the end of this one. */
async function takeTurn(statements: Statements, table: LogTable): Promise<void> {
  // What happened is recorded also while commits wait for the archive of the log: that it is away is among it.
  const { rows } = await statements.query(
    `SELECT log, set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'off' ELSE 'local' END, true)
       FROM platform.turn WHERE log = $1 FOR UPDATE`,
    [table],
  );
  if (rows.length === 0) throw new Error(`platform.turn has no row for ${table}: two writers could fork the chain.`);
}

async function tailOf(statements: Statements, table: LogTable): Promise<ChainHead> {
  const { rows } = await statements.query<{ seq: string; hash: string }>(
    `SELECT seq, hash FROM platform.${table} ORDER BY seq DESC LIMIT 1`,
  );
  const last = rows[0];
  return last === undefined ? EMPTY_HEAD : { seq: Number(last.seq), hash: last.hash };
}

export async function* readPages(
  database: Statements,
  table: LogTable,
  after: number,
): AsyncIterable<readonly ChainRow[]> {
  let last = after;
  for (;;) {
    const { rows } = await database.query<StoredRow>(
      `SELECT seq, body, previous_hash, hash FROM platform.${table} WHERE seq > $1 ORDER BY seq LIMIT ${PAGE_ROWS}`,
      [last],
    );
    if (rows.length === 0) return;
    const page = rows.map(toChainRow);
    yield page;
    last = page.at(-1)?.seq ?? last;
  }
}

/** Seals the newest head, at most once per `SEAL_INTERVAL_MS`; heads in between replace each other. */
function createSealing(sealedHead: SealedHead, onFailure: (cause: unknown) => void) {
  let waiting: ChainHead | undefined;
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const write = async (): Promise<void> => {
    while (waiting !== undefined) {
      const next = waiting;
      waiting = undefined;
      try {
        await sealedHead.write(next);
      } catch (cause) {
        // The log itself is written; the head is sealed with the next record, or by the next verification.
        onFailure(cause);
      }
    }
    writing = undefined;
  };
  const writeNow = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting !== undefined) writing ??= write();
    await writing;
  };
  return {
    seal(head: ChainHead): void {
      waiting = head;
      timer ??= setTimeout(() => void writeNow(), SEAL_INTERVAL_MS).unref();
    },
    /** Seals what is not sealed yet. */
    settled: writeNow,
  };
}
