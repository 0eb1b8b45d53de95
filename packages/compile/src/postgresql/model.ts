// The state a compiled policy wants PostgreSQL to be in. Plain data: `text` is it as a script, plan and drift compare it with a catalog.
import type { ColumnType, TableAction } from "@holdfast/policy";
import type { Artifact } from "../artifact.ts";

/** The database roles a request runs as; made by the base migrations of @holdfast/postgres. */
export type RequestRole = "anon" | "authenticated";

export const REQUEST_ROLES: readonly RequestRole[] = ["anon", "authenticated"];

/** Owns the application's tables. */
export const OWNER_ROLE = "holdfast_owner";

/** Owns the set functions: cannot log in, may read only the columns the sets need, by a policy of its own. Nothing passes row level security. */
export const READER_ROLE = "holdfast_reader";

/** Owns the masked views: cannot log in, is bound by the tables' policies, and reads the columns that requests may not. */
export const MASKER_ROLE = "holdfast_masker";

/** Holds the masked views and nothing else. */
export const MASKED_SCHEMA = "holdfast_masked";

/** Holds the set functions and nothing else. */
export const SET_SCHEMA = "holdfast_set";

/** Made by the base migrations of @holdfast/postgres: who the subject is, from verified claims. */
export const BASE_SCHEMA = "holdfast";

export interface Statement {
  /** One line for people: what the statement does. */
  readonly what: string;
  readonly sql: string;
}

/** A function returning the groups the subject belongs to, as `member` conditions read them. */
export interface SetFunction {
  readonly name: string;
  readonly element: ColumnType;
  readonly reads: { readonly schema: string; readonly table: string; readonly columns: readonly string[] };
  /** Who may call it: the roles of the policies that do. */
  readonly roles: readonly RequestRole[];
  /** The SQL text PostgreSQL keeps (`pg_proc.prosrc`). */
  readonly body: string;
  readonly statements: readonly Statement[];
}

/** A table as requests read it whose columns are masked. */
export interface MaskedView {
  /** The table's key in the policy; the view's name in `holdfast_masked`. */
  readonly name: string;
  readonly roles: readonly RequestRole[];
  /** The query. */
  readonly body: string;
  readonly statements: readonly Statement[];
}

export type PolicyRole = RequestRole | typeof READER_ROLE | typeof MASKER_ROLE;

export interface Grant {
  readonly role: PolicyRole;
  readonly action: TableAction;
  /** Null: the whole table (only `delete`, which has no columns). */
  readonly columns: readonly string[] | null;
  readonly sql: string;
}

export interface RowPolicy {
  readonly name: string;
  readonly action: TableAction;
  readonly roles: readonly PolicyRole[];
  readonly using: string | null;
  readonly check: string | null;
  /** Takes away from what the others open (a floor). */
  readonly restrictive: boolean;
  readonly sql: string;
}

export interface RequiredIndex {
  readonly name: string;
  /** In order. An index that begins with these columns does as well. */
  readonly columns: readonly string[];
  readonly sql: string;
}

/** Domains of the base migrations: bytes that a value was sealed into, and those that equal values are found by. */
export type SealedType = "sealed" | "blind_index";

export interface WantedColumn {
  readonly type: ColumnType | SealedType;
  readonly nullable: boolean;
  /** Sealed: the type it has in PostgreSQL until `holdfast seal` has been there. */
  readonly plain?: ColumnType;
}

/** A trigger that leaves a leaf in the audit log. */
export interface AuditTrigger {
  readonly name: string;
  /** For the statement TRUNCATE; otherwise for each row that is inserted, updated or deleted. */
  readonly isTruncate: boolean;
  /** What the function is called with: the primary key, and the columns of which no hash is made. */
  readonly values: readonly string[];
  readonly statements: readonly Statement[];
}

export interface ProtectedTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: Readonly<Record<string, WantedColumn>>;
  readonly grants: readonly Grant[];
  readonly policies: readonly RowPolicy[];
  readonly indexes: readonly RequiredIndex[];
  /** Columns that in every row a client may write hold its own id, one of its groups, or null. */
  readonly tied: readonly string[];
  /** Empty: the table is not audited. */
  readonly auditing: readonly AuditTrigger[];
}

export interface PostgresArtifact extends Artifact {
  readonly target: "postgresql";
  /** Schemas whose other tables are closed to the request roles. */
  readonly schemas: readonly string[];
  /** What makes the reader role and the schemas, in order. */
  readonly preparation: readonly Statement[];
  readonly sets: readonly SetFunction[];
  readonly tables: readonly ProtectedTable[];
  readonly views: readonly MaskedView[];
}
