// What the platform API tells of the audit log. Types only.

/** One change of a row of an audited table. */
export interface AuditEntry {
  /** Place in the tree, from 0. */
  readonly position: number;
  readonly at: number;
  /** `schema.table`. */
  readonly table: string;
  readonly action: "insert" | "update" | "delete" | "truncate";
  /** The row's key as text; null for TRUNCATE. */
  readonly key: string | null;
  /** Who it was, by verified claims; null for work without claims. */
  readonly subject: string | null;
  /** Who acted in the subject's name. */
  readonly actor: string | null;
  /** The database role. */
  readonly role: string;
  /** Columns that an update changed. */
  readonly columns: readonly string[] | null;
  /** Salted hashes of the row, hexadecimal; null where there was none. */
  readonly before: string | null;
  readonly after: string | null;
}

/** GET /platform/v1/audit, newest first. `next` is the cursor of the next page. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly next: number | null;
  /** Leaves in the tree. */
  readonly size: number;
  /** The newest signed checkpoint, and the key that verifies it. */
  readonly checkpoint: string | null;
  readonly publicKeyPem: string;
  /** Why the tree does not grow; null: it does. */
  readonly fault: AuditFaultShape | null;
}

export interface AuditFaultShape {
  readonly kind: string;
  readonly position: number;
}

/** GET /platform/v1/audit/verify */
export interface AuditReport {
  readonly intact: boolean;
  readonly size: number;
  readonly root: string;
  readonly checkpoints: number;
  readonly faults: readonly AuditFaultShape[];
}
