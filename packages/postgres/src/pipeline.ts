// One pipeline on the wire: role and claims, then the statement, then ONE Sync. Until that Sync everything is a single
// implicit transaction, so an error in any step skips the rest and nothing outlives it (PostgreSQL, Protocol Flow §54.2.4).
import pg from "pg";
import { databaseError, ENDS_CONNECTION } from "./database-error.ts";
import { DatabaseError } from "./error.ts";
import type { PooledClient, RowShape, WireConnection } from "./pooled-client.ts";
import { type Field, rowReader } from "./row-reader.ts";

/** What the database is told about who is asking: Bind and Execute of SET_CLAIMS, encoded (claims-message.ts). */
export interface SubjectSettings {
  readonly message: Uint8Array;
}

/** A statement with its values. Values are always sent apart from the text. */
export interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
}

/**
 * A proof without claims, or claims without a proof, would be refused; "" for both says nobody. The values are conditions,
 * none of which is ever NULL, so that all are set and the server sends no row back.
 */
export const SET_CLAIMS =
  "select where pg_catalog.set_config('role', $1, true) is null " +
  "or pg_catalog.set_config('request.jwt.claims', $2, true) is null " +
  "or pg_catalog.set_config('holdfast.proof', $3, true) is null";

/** FETCH and EXECUTE, for example, give rows of whatever their cursor or statement is by then. */
const HAS_ONE_SHAPE = /^\s*(?:select|with|values|insert|update|delete|merge)\b/i;

/** The methods of pg's Query that a pipeline has to take part in; its types leave them out. */
export interface WireQuery {
  readonly text: string;
  name: string | undefined;
  queryMode: "extended";
  readonly _result: { fields: readonly Field[]; readonly rows: pg.QueryResultRow[] };
  _canceledDueToError: unknown;
  prepare(connection: WireConnection): void;
  submit(connection: WireConnection): Error | null;
  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void;
  handleRowDescription(message: { readonly fields: readonly Field[] }): void;
  handleCommandComplete(message: unknown, connection: WireConnection): void;
  handleError(error: Error, connection: WireConnection): void;
}

export const Query = pg.Query as unknown as new (text: string, values: unknown[], callback: Settle) => WireQuery;
export type Settle = (error: Error | null, result?: pg.QueryResult) => void;

/** What goes before the statement in the same pipeline. */
export interface Before {
  readonly opensTransaction: boolean;
  readonly subject: SubjectSettings | undefined;
}

class PipelineQuery extends Query {
  readonly #client: PooledClient;
  readonly #sent: Before;
  readonly #statementName: string | undefined;
  /** Whether somebody else may have used the connection's session since this subject did. */
  readonly #resets: boolean;
  /** Answers still to come that belong to what was sent before the statement. */
  #before: number;
  /** How the statement's rows look, as soon as that is known. */
  #shape: RowShape | undefined;

  constructor(client: PooledClient, statement: Statement, before: Before, settle: Settle) {
    super(statement.text, (statement.values ?? []) as unknown[], settle);
    const name = client.statementName(statement.text);
    this.name = name;
    // Extended mode always: one statement per text, so that an injected second one is refused by the protocol itself.
    this.queryMode = "extended";
    this.#client = client;
    this.#sent = before;
    this.#statementName = name;
    this.#resets = before.subject !== undefined && client.settledFor !== before.subject.message;
    this.#before = (before.opensTransaction ? 1 : 0) + (this.#resets ? 1 : 0) + (before.subject === undefined ? 0 : 1);
  }

  /** Whether the statement itself was reached. When not, the connection's state is not known. */
  get reachedStatement(): boolean {
    return this.#before === 0;
  }

  override submit(connection: WireConnection): Error | null {
    connection.stream.cork();
    try {
      if (this.#sent.opensTransaction) sendBegin(connection);
      if (this.#resets) sendReset(connection, this.#client);
      if (this.#sent.subject !== undefined) sendSubject(connection, this.#client, this.#sent.subject);
      const problem = super.submit(connection);
      // pg takes the first ParseComplete for the named statement's own. It is told the name when its turn comes.
      if (this.#before > 0) this.name = undefined;
      else this.#takeRows();
      return problem;
    } finally {
      connection.stream.uncork();
    }
  }

  /** How the rows of such a statement look cannot change (0A000 instead), so it is asked once on a connection. */
  override prepare(connection: WireConnection): void {
    this.#shape = this.#client.rowsOf(this.#statementName);
    if (this.#shape !== undefined) this._result.fields = this.#shape.fields;
    super.prepare(this.#shape === undefined ? connection : this.#client.undescribing);
  }

  override handleRowDescription({ fields }: { readonly fields: readonly Field[] }): void {
    this._result.fields = fields;
    this.#shape = { fields, read: rowReader(fields) };
    this.#takeRows();
  }

  /** What was sent before the statement has no rows for anybody; the statement's own are taken. */
  override handleDataRow(): void {}

  override handleCommandComplete(message: unknown, connection: WireConnection): void {
    if (this.#before === 0) {
      this.#client.messages.takeRow = undefined;
      super.handleCommandComplete(message, connection);
      if (this.#shape !== undefined && HAS_ONE_SHAPE.test(this.text))
        this.#client.keepRowsOf(this.#statementName, this.#shape);
      return;
    }
    this.#before -= 1;
    if (this.#before > 0) return;
    this.name = this.#statementName;
    this.#takeRows();
  }

  override handleError(error: Error, connection: WireConnection): void {
    this.#client.messages.takeRow = undefined;
    super.handleError(error, connection);
  }

  #takeRows(): void {
    const shape = this.#shape;
    if (shape === undefined) return;
    const { rows } = this._result;
    this.#client.messages.takeRow = (bytes, offset) => {
      try {
        rows.push(shape.read(bytes, offset));
      } catch (error) {
        // As pg does it: the statement has failed, and says so once its other rows have come.
        this._canceledDueToError ||= error;
      }
    };
  }
}

function sendBegin(connection: WireConnection): void {
  connection.parse({ text: "begin" });
  connection.bind({});
  connection.execute();
}

/** What another subject's statement set for the whole session goes; of most settings the server reports no change. */
function sendReset(connection: WireConnection, client: PooledClient): void {
  const name = client.resetStatement;
  if (!client.resetStatementIsPrepared) connection.parse({ name, text: "reset all" });
  client.resetStatementIsPrepared = client.canPrepare;
  connection.bind({ statement: name });
  connection.execute();
}

function sendSubject(connection: WireConnection, client: PooledClient, { message }: SubjectSettings): void {
  const name = client.claimsStatement;
  if (!client.claimsStatementIsPrepared) connection.parse({ name, text: SET_CLAIMS });
  client.claimsStatementIsPrepared = client.canPrepare;
  connection.stream.write(message);
}

/**
 * Whether a connection was found spoilt before anything was executed, so that the statement may be sent once more on another:
 * "cached plan must not change result type", "prepared statement does not exist", and row_security that somebody turned off.
 */
export function isSpoilt(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false;
  const { routine } = (error.cause ?? {}) as { routine?: string };
  if (error.sqlState === "0A000") return routine === "RevalidateCachedQuery";
  if (error.sqlState === "42501") return routine === "check_enable_rls";
  return error.sqlState === "26000";
}

/** Whether the connection must be closed: it is ending (FATAL), or what it has prepared is not what we believe. */
export function endsConnection(error: DatabaseError): boolean {
  const { severity } = (error.cause ?? {}) as { severity?: unknown };
  return ENDS_CONNECTION.has(severity) || isSpoilt(error);
}

/**
 * Sends the statement, and what goes before it, on a connection that nobody else uses.
 * @throws DatabaseError as soon as the server refuses any part; the rest is skipped by the server.
 */
export function runStatement<Row extends pg.QueryResultRow>(
  client: PooledClient,
  statement: Statement,
  before: Before = { opensTransaction: false, subject: undefined },
): Promise<pg.QueryResult<Row>> {
  if (typeof statement.text !== "string" || (statement.values !== undefined && !Array.isArray(statement.values))) {
    throw new TypeError("A statement is { text: string, values?: unknown[] }.");
  }
  return new Promise((resolve, reject) => {
    const query = new PipelineQuery(client, statement, before, (error, result) => {
      if (error === null) {
        // Only now is the reset committed. Of a transaction that is known later, so whoever comes next resets again.
        client.settledFor = before.opensTransaction ? undefined : before.subject?.message;
        resolve(result as pg.QueryResult<Row>);
        return;
      }
      // pg forgets the query at its first error, so nothing more comes. Refused before the statement: the connection is in doubt.
      const refused = databaseError(error);
      if (!query.reachedStatement || endsConnection(refused)) client.markUnusable();
      reject(refused);
    });
    client.settledFor = undefined;
    client.query(query as unknown as pg.Submittable);
  });
}
