// The hash chain of every append-only log: hash(n) = SHA-256(hash(n−1) + "\n" + body(n)), in hexadecimal, where the body is
// canonical JSON that holds its own sequence number. Anybody can recompute it with `sha256sum`. A chain alone does not protect
// against whoever rewrites all of it or cuts its end: that is what the sealed head, kept outside the table, is for.
import { createHash } from "node:crypto";
import type { ChainFault, ChainReport } from "./chain-report.ts";

/** The hash before the first record. */
export const GENESIS_HASH = "0".repeat(64);

/** The newest record of a chain. `seq` 0 is the empty chain. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

export const EMPTY_HEAD: ChainHead = { seq: 0, hash: GENESIS_HASH };

/** One stored record as the chain sees it. */
export interface ChainRow {
  readonly seq: number;
  readonly body: string;
  readonly previousHash: string;
  readonly hash: string;
}

/** The hash of a record that continues `previousHash`. */
export function linkHash(previousHash: string, body: string): string {
  return createHash("sha256").update(previousHash).update("\n").update(body).digest("hex");
}

/** Chains bodies after `head`; `bodyOf(seq)` makes the canonical text of the record with that sequence number. */
export function continueChain(head: ChainHead, bodies: readonly ((seq: number) => string)[]): readonly ChainRow[] {
  let { seq, hash } = head;
  return bodies.map((bodyOf) => {
    const previousHash = hash;
    seq += 1;
    const body = bodyOf(seq);
    hash = linkHash(previousHash, body);
    return { seq, body, previousHash, hash };
  });
}

const sentences: Readonly<Record<ChainFault, (seq: number) => string>> = {
  edited: (seq) => `Record ${seq} does not hash to the value stored with it: its content was edited.`,
  "broken-link": (seq) => `Record ${seq} does not continue record ${seq - 1}: records were reordered or replaced.`,
  missing: (seq) => `Record ${seq} is missing: it was deleted.`,
  truncated: (seq) => `Record ${seq} and what follows up to the sealed head are gone: the log was cut.`,
  rewritten: (seq) => `Record ${seq} is not the one that was sealed: the chain was computed anew.`,
  "head-unreadable": () => "The sealed head is missing or cannot be opened although the log has records.",
};

/** Where a record states its own sequence number, differently in each log. */
export type SequenceOf = (body: string) => number | undefined;

/**
 * Verifies rows that arrive in order of `seq`, and stops at the first fault. `sealed` is the head kept outside the table, or null
 * when it cannot be read. Records after the sealed head are fine: a crash between a write and its sealing leaves some.
 */
export async function verifyChain(
  pages: AsyncIterable<readonly ChainRow[]>,
  sealed: ChainHead | null,
  sequenceOf: SequenceOf,
): Promise<ChainReport> {
  let head = EMPTY_HEAD;
  const report = (kind: ChainFault | null, seq: number): ChainReport => ({
    intact: kind === null,
    verified: head.seq,
    head,
    fault: kind === null ? null : { seq, kind, sentence: sentences[kind](seq) },
  });
  for await (const rows of pages) {
    for (const row of rows) {
      const kind = faultOf(row, head, sequenceOf);
      if (kind !== null) return report(kind, kind === "missing" ? head.seq + 1 : row.seq);
      if (sealed !== null && row.seq === sealed.seq && row.hash !== sealed.hash) return report("rewritten", row.seq);
      head = { seq: row.seq, hash: row.hash };
    }
  }
  if (sealed === null) return head.seq === 0 ? report(null, 0) : report("head-unreadable", head.seq);
  return head.seq < sealed.seq ? report("truncated", head.seq + 1) : report(null, 0);
}

function faultOf(row: ChainRow, head: ChainHead, sequenceOf: SequenceOf): ChainFault | null {
  if (row.seq > head.seq + 1) return "missing";
  if (row.previousHash !== head.hash) return "broken-link";
  if (linkHash(row.previousHash, row.body) !== row.hash || sequenceOf(row.body) !== row.seq) return "edited";
  return null;
}
