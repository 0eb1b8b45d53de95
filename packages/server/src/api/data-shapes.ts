// What the platform API tells about the application's tables: types only.
import type { ColumnPolicy, Mask, Right, SealedPolicy } from "@holdfast/policy";

/** Whom a rule is asked for: nobody who is signed in, somebody without a role, or whoever holds the role. */
export type Asker =
  | { readonly kind: "signed-out" }
  | { readonly kind: "no-role" }
  | { readonly kind: "role"; readonly role: string };

/** How PostgreSQL keeps a table's rules now. `forced`: for its owner too. `absent`: there is no such table. */
export type RowSecurity = "forced" | "on" | "off" | "absent";

export interface DataColumn {
  readonly name: string;
  readonly type: ColumnPolicy["type"];
  readonly nullable: boolean;
  readonly writable: boolean;
  /** Null: the policy does not seal it. */
  readonly sealed: SealedPolicy | null;
  /** Whether the database's column can hold nothing but sealed values; null where the policy does not seal it. */
  readonly isSealedNow: boolean | null;
  /** Null: whoever sees the row sees the value. */
  readonly mask: Mask | null;
  /** The column's type in the database now; null when there is no such column. */
  readonly storedAs: string | null;
}

/** What one asker may do with the rows of a table. */
export interface DataAccess {
  readonly asker: Asker;
  /** `select`, `insert`, `update` and `delete`, in this order. */
  readonly rights: readonly Right[];
  /** To read masked columns unmasked, of the rows that may be read. */
  readonly unmasked: readonly Right[];
}

export interface DataTable {
  /** As the policy names it. */
  readonly name: string;
  readonly schema: string;
  readonly rowSecurity: RowSecurity;
  /** The policy asks for a record of who changed what. */
  readonly isAudited: boolean;
  readonly columns: readonly DataColumn[];
  readonly access: readonly DataAccess[];
}

/** GET /platform/v1/data: in the order of the policy. */
export interface DataReport {
  readonly policyHash: string;
  readonly tables: readonly DataTable[];
}
