// The evidence log: what checks saw, append-only and chained. The newest run and the newest sabotage of each check are kept at
// hand, for they decide the status of every control.
import { canonicalJson, type EmitEvent, type Observation } from "@holdfast/policy";
import type { ChainRow } from "../store/chain.ts";
import type { ChainReport } from "../store/chain-report.ts";
import { openChainedLog, type StoredRow, toChainRow } from "../store/chained-log.ts";
import type { Database } from "../store/database.ts";
import type { SealedHead } from "../store/sealed-head.ts";
import type { EvidencePage, EvidenceRow } from "./evidence-row.ts";

const EVIDENCE_PAGE_DEFAULT = 50;
export const EVIDENCE_PAGE_MAX = 200;

/** The two rows that say whether a check holds. */
export interface CheckEvidence {
  readonly run: EvidenceRow | null;
  readonly sabotage: EvidenceRow | null;
}

export interface EvidenceLog {
  /** Appends parsed observations in one transaction. */
  append(observations: readonly Observation[]): Promise<readonly EvidenceRow[]>;
  /** Newest run and sabotage of every check that has any. */
  readonly newest: ReadonlyMap<string, CheckEvidence>;
  query(query: { readonly check?: string; readonly limit?: number; readonly cursor?: number }): Promise<EvidencePage>;
  /** Every row as a line of JSON with its hashes: recomputable with `sha256sum`. */
  exportLines(): AsyncIterable<string>;
  readonly newestSeq: number;
  verify(): Promise<ChainReport>;
  subscribe(listener: (rows: readonly EvidenceRow[]) => void): () => void;
  sealed(): Promise<void>;
}

export interface EvidenceLogOptions {
  readonly database: Database;
  readonly sealedHead: SealedHead;
  readonly emit: EmitEvent;
  readonly now: () => number;
  readonly onSealFailure?: (cause: unknown) => void;
}

export async function openEvidenceLog(options: EvidenceLogOptions): Promise<EvidenceLog> {
  const { database, now, emit } = options;
  const chain = await openChainedLog({ ...options, table: "evidence", sequenceOf });
  const newest = new Map<string, CheckEvidence>();
  const listeners = new Set<(rows: readonly EvidenceRow[]) => void>();
  for (const row of await newestRows(database)) remember(newest, row);

  return {
    newest,
    async append(observations) {
      const receivedAt = now();
      const bodies = observations.map((each) => (seq: number) => canonicalJson({ ...each, seq, receivedAt }));
      const rows = (await chain.append(bodies)).map(toEvidenceRow);
      for (const row of rows) {
        remember(newest, row);
        if (row.result === "broken" && row.sabotage === undefined) emit(brokenEvent(row, receivedAt));
      }
      for (const listener of listeners) listener(rows);
      return rows;
    },
    query: (query) => queryEvidence(database, query),
    async *exportLines() {
      for await (const rows of chain.pagesAfter(0)) for (const row of rows) yield canonicalJson({ ...row });
    },
    get newestSeq() {
      return chain.head.seq;
    },
    verify: () => chain.verify(),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    sealed: () => chain.sealed(),
  };
}

function brokenEvent(row: EvidenceRow, at: number): Parameters<EmitEvent>[0] {
  const detail = { check: row.check, evidence: row.seq, seen: row.seen };
  return { name: "check.broken", at, service: "platform", reason: row.check, detail };
}

/** Newest by the moment it was finished, then by arrival: an old report that comes late changes nothing. */
function remember(newest: Map<string, CheckEvidence>, row: EvidenceRow): void {
  const known = newest.get(row.check) ?? { run: null, sabotage: null };
  const kind = row.sabotage === undefined ? "run" : "sabotage";
  const current = known[kind];
  const isNewer =
    current === null ||
    row.finishedAt > current.finishedAt ||
    (row.finishedAt === current.finishedAt && row.seq > current.seq);
  if (isNewer) newest.set(row.check, { ...known, [kind]: row });
}

function sequenceOf(body: string): number | undefined {
  try {
    return (JSON.parse(body) as { seq?: number }).seq;
  } catch {
    // A row that is no JSON any more was edited; verification reports it.
    return undefined;
  }
}

function toEvidenceRow(row: ChainRow): EvidenceRow {
  const body = JSON.parse(row.body) as Omit<EvidenceRow, "previousHash" | "hash">;
  return { ...body, previousHash: row.previousHash, hash: row.hash };
}

async function newestRows(database: Database): Promise<readonly EvidenceRow[]> {
  const { rows } = await database.query<StoredRow>(
    `SELECT DISTINCT ON ("check", sabotage) seq, body, previous_hash, hash FROM platform.evidence
     ORDER BY "check", sabotage, finished_at DESC, seq DESC`,
  );
  return rows.map((row) => toEvidenceRow(toChainRow(row)));
}

async function queryEvidence(
  database: Database,
  query: { readonly check?: string; readonly limit?: number; readonly cursor?: number },
): Promise<EvidencePage> {
  const limit = Math.min(Math.max(query.limit ?? EVIDENCE_PAGE_DEFAULT, 1), EVIDENCE_PAGE_MAX);
  const { rows } = await database.query<StoredRow>(
    `SELECT seq, body, previous_hash, hash FROM platform.evidence
     WHERE ($1::text IS NULL OR "check" = $1) AND ($2::bigint IS NULL OR seq < $2) ORDER BY seq DESC LIMIT $3`,
    [query.check ?? null, query.cursor ?? null, limit + 1],
  );
  const evidence = rows.slice(0, limit).map((row) => toEvidenceRow(toChainRow(row)));
  return { evidence, next: rows.length > limit ? (evidence.at(-1)?.seq ?? null) : null };
}
