// What the platform API tells of the audit log. Types only.

/** One change of a row of an audited table. */
export interface AuditEntry {
  /** Place in the tree, from 0. */
  readonly position: number;
  readonly at: number;
  /** `schema.table`. */
  readonly table: string;
  readonly action: "insert" | "update" | "delete" | "truncate" | "restore";
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
  /** Restores that a person accepted, oldest first. */
  readonly restores: readonly AcceptedRestoreShape[];
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
  /** Genuine checkpoints of leaves that a restore gave up. */
  readonly abandoned: number;
  readonly faults: readonly AuditFaultShape[];
}

/** A restore of the database that a person took responsibility for. */
export interface AcceptedRestoreShape {
  /** From 1. */
  readonly fork: number;
  /** Leaves that were left. */
  readonly size: number;
  /** The signed checkpoint of what was given up. */
  readonly abandoned: string;
  readonly person: string;
  readonly reason: string;
  /** SHA-256 of the record of the restore, hexadecimal. */
  readonly evidence: string;
  readonly at: number;
}

/** GET /platform/v1/audit/checkpoints, newest first. `next` is the cursor of the next page. */
export interface AuditCheckpointPage {
  readonly checkpoints: readonly { readonly size: number; readonly at: number; readonly note: string }[];
  readonly next: number | null;
  readonly publicKeyPem: string;
}

/** GET /platform/v1/audit/proof: every change of a row, each with its way to the signed root. */
export interface AuditProof {
  readonly checkpoint: string;
  readonly publicKeyPem: string;
  readonly leaves: readonly {
    readonly position: number;
    readonly entry: string;
    readonly hash: string;
    readonly path: readonly { readonly side: "left" | "right"; readonly hash: string }[];
    readonly holds: boolean;
  }[];
}

/** GET /platform/v1/audit/consistency: that the later tree only adds to the earlier one (RFC 9162, section 2.1.4). */
export interface AuditConsistency {
  readonly earlier: string;
  readonly later: string;
  readonly publicKeyPem: string;
  /** Hexadecimal. */
  readonly proof: readonly string[];
  readonly holds: boolean;
}
