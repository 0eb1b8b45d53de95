// Every error this package throws, with its stable code. An error says what was expected, what was found and what to do; it
// never carries a password, a key or the value of a parameter.

/** Starting, stopping and reaching a PostgreSQL cluster. */
export type ClusterErrorCode =
  | "cluster/binaries-missing"
  | "cluster/binaries-unusable"
  | "cluster/directory-unwritable"
  | "cluster/directory-not-ours"
  | "cluster/version-mismatch"
  | "cluster/data-damaged"
  | "cluster/disk-full"
  | "cluster/in-use"
  | "cluster/initialisation-failed"
  | "cluster/start-failed"
  | "cluster/start-timeout"
  | "cluster/password-refused"
  | "cluster/url-invalid"
  | "cluster/unreachable"
  | "cluster/transport-insecure"
  | "cluster/authentication-weak"
  | "cluster/version-too-old"
  | "cluster/rights-missing"
  | "cluster/database-missing";

/** Bringing a database's schema to the state the migration files describe. */
export type MigrationErrorCode =
  | "migration/directory-unreadable"
  | "migration/name-invalid"
  | "migration/number-missing"
  | "migration/number-repeated"
  | "migration/changed"
  | "migration/file-missing"
  | "migration/transaction-control"
  | "migration/failed";

/** Running a statement. */
export type DatabaseErrorCode =
  | "database/refused"
  | "database/claims-refused"
  | "database/session-ended"
  | "database/claims-invalid"
  | "database/constraint-broken"
  | "database/input-invalid"
  | "database/sealed-unbound"
  | "database/sealed-refused"
  | "database/conflict"
  | "database/timeout"
  | "database/unavailable"
  | "database/pool-full"
  | "database/pool-closed"
  | "database/transaction-over"
  | "database/failed";

/** Making, keeping and restoring backups. */
export type BackupErrorCode =
  | "backup/target-unusable"
  | "backup/target-full"
  | "backup/not-allowed"
  | "backup/server-unsuitable"
  | "backup/increment-impossible"
  | "backup/interrupted"
  | "backup/none"
  | "backup/unknown"
  | "backup/piece-missing"
  | "backup/piece-damaged"
  | "backup/key-wrong"
  | "backup/log-gap"
  | "backup/time-unreachable"
  | "backup/manifest-differs"
  | "restore/place-taken"
  | "restore/place-unwritable"
  | "restore/disk-full"
  | "restore/version-mismatch"
  | "restore/recovery-failed";

/** The package's one union of error codes. */
export type PostgresErrorCode = ClusterErrorCode | MigrationErrorCode | DatabaseErrorCode | BackupErrorCode;

/** What every error of this package tells. `expected` and `found` are short phrases; `hint` is one sentence. */
export interface Explanation {
  readonly expected: string;
  readonly found: string;
  readonly hint: string;
  readonly cause?: unknown;
  /** Whole seconds after which the same may succeed. */
  readonly retryAfterS?: number;
}

const sentence = (explanation: Explanation): string =>
  `Expected ${explanation.expected}; found ${explanation.found}. ${explanation.hint}`;

/** A cluster cannot be created, started, stopped or reached. */
export class ClusterError extends Error {
  readonly code: ClusterErrorCode;
  readonly expected: string;
  readonly found: string;
  readonly hint: string;

  constructor(code: ClusterErrorCode, explanation: Explanation) {
    super(sentence(explanation), { cause: explanation.cause });
    this.name = "ClusterError";
    this.code = code;
    this.expected = explanation.expected;
    this.found = explanation.found;
    this.hint = explanation.hint;
  }
}

/** The migration files and the database disagree, or a migration failed. Nothing of the failing file was applied. */
export class MigrationError extends Error {
  readonly code: MigrationErrorCode;
  readonly expected: string;
  readonly found: string;
  readonly hint: string;

  constructor(code: MigrationErrorCode, explanation: Explanation) {
    super(sentence(explanation), { cause: explanation.cause });
    this.name = "MigrationError";
    this.code = code;
    this.expected = explanation.expected;
    this.found = explanation.found;
    this.hint = explanation.hint;
  }
}

/** A backup cannot be made, is not what was made, or cannot be restored. Nothing half done is left. */
export class BackupError extends Error {
  readonly code: BackupErrorCode;
  readonly expected: string;
  readonly found: string;
  readonly hint: string;

  constructor(code: BackupErrorCode, explanation: Explanation) {
    super(sentence(explanation), { cause: explanation.cause });
    this.name = "BackupError";
    this.code = code;
    this.expected = explanation.expected;
    this.found = explanation.found;
    this.hint = explanation.hint;
  }
}

/** Where in the schema an error happened, as far as PostgreSQL tells; names only, never values. */
export interface SchemaPlace {
  readonly sqlState?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
}

/** A statement did not succeed. `sqlState` is PostgreSQL's own code; the server's message is in `cause` only, since it may hold values. */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;
  readonly expected: string;
  readonly found: string;
  readonly hint: string;
  readonly sqlState: string | undefined;
  readonly place: SchemaPlace;
  /** Whole seconds after which the same may succeed: for Retry-After. */
  readonly retryAfterS: number | undefined;

  constructor(code: DatabaseErrorCode, explanation: Explanation, place: SchemaPlace = {}) {
    super(sentence(explanation), { cause: explanation.cause });
    this.name = "DatabaseError";
    this.code = code;
    this.expected = explanation.expected;
    this.found = explanation.found;
    this.hint = explanation.hint;
    this.sqlState = place.sqlState;
    this.place = place;
    this.retryAfterS = explanation.retryAfterS;
  }
}
