// The audit log as the platform runs it: the tree grows behind the writers, the whole log is verified now and then, and what is
// wrong with it is an event, once for each fault.
import type { EmitEvent } from "@holdfast/policy";
import {
  type AcceptedRestore,
  type AcceptRefusal,
  type AuditDatabase,
  type AuditFault,
  acceptedRestores,
  acceptRestore,
  buildTree,
  type CheckpointSigner,
  type KeptCheckpoint,
  proveGrowth,
  proveRow,
  readEntry,
  verifyLog,
} from "@holdfast/postgres";
import type {
  AuditCheckpointPage,
  AuditConsistency,
  AuditEntry,
  AuditPage,
  AuditProof,
  AuditReport,
} from "./audit-shapes.ts";
import type { RestoreRecords } from "./restore-record.ts";

const BUILD_MS = 2_000;
const VERIFY_MS = 60 * 60 * 1_000;
const PAGE_DEFAULT = 50;

export interface AuditQuery {
  readonly table?: string | undefined;
  readonly key?: string | undefined;
  /** Only leaves before this place. */
  readonly cursor?: number | undefined;
  readonly limit?: number | undefined;
}

export interface Audit {
  /** Places what was committed, then lists it, newest first. */
  page(query: AuditQuery): Promise<AuditPage>;
  /** Places what was committed, then verifies everything. One at a time: whoever asks meanwhile gets the same answer. */
  verify(): Promise<AuditReport>;
  /** Every change of a row with its way to the newest signed root; null before anything was signed. */
  prove(row: { readonly table: string; readonly key: string }): Promise<AuditProof | null>;
  /** That the tree of the later checkpoint only adds to the earlier one's; null where one is not there. */
  consistency(sizes: { readonly from: number; readonly to: number | undefined }): Promise<AuditConsistency | null>;
  /** Newest first. */
  checkpoints(query: Pick<AuditQuery, "cursor" | "limit">): Promise<AuditCheckpointPage>;
  /** Lets the log of a database that was put back go on. */
  accept(restore: RestoreToAccept): Promise<AcceptedRestore | { readonly refused: AcceptRefusal | "evidence-forged" }>;
  stop(): Promise<void>;
}

export interface RestoreToAccept {
  /** Who takes responsibility: an account. */
  readonly person: string;
  readonly reason: string;
  /** What `holdfast restore` left. */
  readonly record: string;
}

export interface AuditParts {
  readonly database: AuditDatabase;
  readonly signer: CheckpointSigner;
  readonly kept: KeptCheckpoint;
  readonly records: Pick<RestoreRecords, "open">;
  /** Whether any table is audited; otherwise nothing is done unless somebody asks. */
  readonly isAutomatic: boolean;
  readonly emit: EmitEvent;
  readonly now: () => number;
  readonly onFailure: (cause: unknown) => void;
}

export function startAudit(parts: AuditParts): Audit {
  const { database, signer, kept, records, emit, now, onFailure } = parts;
  const told = new Set<string>();
  let fault: AuditFault | undefined;
  let building: Promise<void> | undefined;
  let verifying: Promise<AuditReport> | undefined;

  const tell = ({ kind, position, leaf }: AuditFault): void => {
    const name = `${kind} ${position} ${leaf ?? ""}`;
    if (told.has(name) || told.size >= TOLD_MAX) return;
    told.add(name);
    const detail = { position, ...(leaf === undefined ? {} : { leaf }) };
    emit({ name: "audit.tampered", at: now(), service: "platform", reason: kind, detail });
  };
  const work = async (): Promise<void> => {
    ({ fault } = await buildTree({ database, signer, kept }));
    if (fault !== undefined) tell(fault);
  };
  const build = (): Promise<void> => {
    building ??= work().finally(() => {
      building = undefined;
    });
    return building;
  };
  const check = async (): Promise<AuditReport> => {
    await build();
    const note = await kept.read();
    const report = await verifyLog(database, { signer, kept: note === null ? [] : [note] });
    for (const found of report.faults) tell(found);
    return { intact: report.faults.length === 0, ...report };
  };
  const verify = (): Promise<AuditReport> => {
    verifying ??= check().finally(() => {
      verifying = undefined;
    });
    return verifying;
  };
  const timers = parts.isAutomatic
    ? [
        setInterval(() => void build().catch(onFailure), BUILD_MS).unref(),
        setInterval(() => void verify().catch(onFailure), VERIFY_MS).unref(),
      ]
    : [];
  return {
    async page(query) {
      await build();
      const { rows } = await database.query<{ note: string; size: string }>(
        "SELECT note, size FROM holdfast_keeper.audit_checkpoints ORDER BY size DESC LIMIT 1",
      );
      return {
        ...(await readPage(database, query)),
        size: Number(rows[0]?.size ?? 0),
        checkpoint: rows[0]?.note ?? null,
        publicKeyPem: signer.publicKeyPem,
        restores: await acceptedRestores(database, signer),
        fault: fault === undefined ? null : { kind: fault.kind, position: fault.position },
      };
    },
    verify,
    async prove(row) {
      await build();
      return (await proveRow(database, signer, row)) ?? null;
    },
    async consistency({ from, to }) {
      await build();
      return (await proveGrowth(database, signer, { earlier: from, later: to })) ?? null;
    },
    async checkpoints({ cursor, limit = PAGE_DEFAULT }) {
      await build();
      const { rows } = await database.query<{ size: string; at: Date; note: string }>(
        "SELECT size, at, note FROM holdfast_keeper.audit_checkpoints WHERE size < $1 ORDER BY size DESC LIMIT $2",
        [cursor ?? Number.MAX_SAFE_INTEGER, limit + 1],
      );
      const shown = rows.slice(0, limit).map(({ size, at, note }) => ({ size: Number(size), at: Number(at), note }));
      const next = rows.length > limit ? (shown.at(-1)?.size ?? null) : null;
      return { checkpoints: shown, next, publicKeyPem: signer.publicKeyPem };
    },
    async accept({ person, reason, record: text }) {
      const record = records.open(text);
      if (record === undefined) return { refused: "evidence-forged" };
      await building;
      const until = record.lastCommitAt ?? record.at;
      const options = { database, signer, kept, person, reason, record: { text, until }, at: now() };
      const accepted = await acceptRestore(options);
      if ("refused" in accepted) return accepted;
      const { fork, size, evidence } = accepted;
      emit({
        name: "audit.restore-accepted",
        at: now(),
        service: "platform",
        subject: person,
        reason,
        detail: { fork, size, evidence },
      });
      await build();
      return accepted;
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.allSettled([building, verifying]);
    },
  };
}

/** Faults that are told one by one since the start. */
const TOLD_MAX = 100;

async function readPage(
  database: AuditDatabase,
  { table, key, cursor, limit = PAGE_DEFAULT }: AuditQuery,
): Promise<Pick<AuditPage, "entries" | "next">> {
  const { rows } = await database.query<{ position: string; entry: string }>(
    `SELECT p.position, l.entry FROM holdfast_keeper.audit_positions p
     JOIN holdfast_keeper.audit_leaves l ON l.transaction = p.transaction AND l.id = p.id
     WHERE ($1::text IS NULL OR p.table_name = $1) AND ($2::text IS NULL OR (hashtextextended(p.row_key, 0) = hashtextextended($2, 0) AND p.row_key = $2)) AND p.position < $3
     ORDER BY p.position DESC LIMIT $4`,
    [table ?? null, key ?? null, cursor ?? Number.MAX_SAFE_INTEGER, limit + 1],
  );
  const shown = rows.slice(0, limit);
  return {
    // One that somebody wrote over and that says nothing any more is no entry; the verification finds it.
    entries: shown.flatMap(({ position, entry }): AuditEntry[] => {
      const read = readEntry(entry);
      return read === undefined ? [] : [{ position: Number(position), ...read }];
    }),
    next: rows.length > limit ? Number(shown.at(-1)?.position) : null,
  };
}
