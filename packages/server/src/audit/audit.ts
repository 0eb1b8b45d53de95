// The audit log as the platform runs it: the tree grows behind the writers, the whole log is verified now and then, and what is
// wrong with it is an event, once for each fault.
import type { EmitEvent } from "@holdfast/policy";
import {
  type AuditDatabase,
  type AuditFault,
  buildTree,
  type CheckpointSigner,
  type KeptCheckpoint,
  readEntry,
  verifyLog,
} from "@holdfast/postgres";
import type { AuditEntry, AuditPage, AuditReport } from "./audit-shapes.ts";

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
  stop(): Promise<void>;
}

export interface AuditParts {
  readonly database: AuditDatabase;
  readonly signer: CheckpointSigner;
  readonly kept: KeptCheckpoint;
  /** Whether any table is audited; otherwise nothing is done unless somebody asks. */
  readonly isAutomatic: boolean;
  readonly emit: EmitEvent;
  readonly now: () => number;
  readonly onFailure: (cause: unknown) => void;
}

export function startAudit(parts: AuditParts): Audit {
  const { database, signer, kept, emit, now, onFailure } = parts;
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
        fault: fault === undefined ? null : { kind: fault.kind, position: fault.position },
      };
    },
    verify,
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
