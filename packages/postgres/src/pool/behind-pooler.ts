// Claims through a pooler in transaction mode. The process that will serve a transaction is not known before it begins, and a proof is
// good for one process only: so the pipeline asks for the process first and signs when it has heard. A Flush, not a Sync, stands
// between, so that the pooler keeps the process and all is one transaction (PostgreSQL, §54.2.3). Everything goes unprepared.
import type pg from "pg";
import { claimsMessage } from "../claims-message.ts";
import { databaseError } from "../database-error.ts";
import { endsConnection, Query, SET_CLAIMS, type Settle, type Statement } from "../pipeline.ts";
import type { PooledClient, WireConnection } from "../pooled-client.ts";

/** Role, claims and proof for the server process with this id. */
export type SignFor = (backendPid: number) => readonly [role: string, claims: string, proof: string];

const ASK_PROCESS = "select pg_catalog.pg_backend_pid()";
/** Whatever another client of the pooler left set on the process goes; what PostgreSQL resets by itself stays. */
const RESET = "reset all";
/** reset, claims */
const AFTER_PROCESS = 2;

/** pg's connection can flush, but its types leave it out here. */
type FlushingConnection = WireConnection & { flush(): void };

class PoolerQuery extends Query {
  readonly #sign: SignFor;
  readonly #opensTransaction: boolean;
  #connection: FlushingConnection | undefined;
  /** Answers still to come that are not the statement's own. */
  #before: number;
  #isSigned = false;

  constructor(statement: Statement, sign: SignFor, opensTransaction: boolean, settle: Settle) {
    super(statement.text, (statement.values ?? []) as unknown[], settle);
    this.name = undefined;
    this.queryMode = "extended";
    this.#sign = sign;
    this.#opensTransaction = opensTransaction;
    this.#before = (opensTransaction ? 1 : 0) + 1 + AFTER_PROCESS;
  }

  get reachedStatement(): boolean {
    return this.#before === 0;
  }

  override submit(connection: WireConnection): Error | null {
    const flushing = connection as FlushingConnection;
    this.#connection = flushing;
    connection.stream.cork();
    if (this.#opensTransaction) send(connection, "begin");
    send(connection, ASK_PROCESS);
    flushing.flush();
    connection.stream.uncork();
    return null;
  }

  override handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    if (this.#before === 0) {
      super.handleDataRow(message);
      return;
    }
    if (this.#isSigned) return;
    this.#isSigned = true;
    this.#sendRest(Number(message.fields[0]));
  }

  #sendRest(backendPid: number): void {
    const connection = this.#connection as FlushingConnection;
    connection.stream.cork();
    send(connection, RESET);
    connection.parse({ text: SET_CLAIMS });
    connection.stream.write(claimsMessage("", this.#sign(backendPid)));
    super.prepare(connection); // The statement, and the Sync that ends it all.
    connection.stream.uncork();
  }

  override handleCommandComplete(message: unknown, connection: WireConnection): void {
    if (this.#before === 0) super.handleCommandComplete(message, connection);
    else this.#before -= 1;
  }
}

function send(connection: WireConnection, text: string): void {
  connection.parse({ text });
  connection.bind({});
  connection.execute();
}

/**
 * Runs a statement as the subject that `sign` signs for, in a transaction that goes on afterwards or, by itself, in one of its own.
 * @throws DatabaseError as soon as the server refuses any part
 */
export function runBehindPooler(
  client: PooledClient,
  statement: Statement,
  sign: SignFor,
  opensTransaction: boolean,
): Promise<pg.QueryResult> {
  return new Promise((resolve, reject) => {
    const query = new PoolerQuery(statement, sign, opensTransaction, (error, result) => {
      client.settledFor = undefined;
      if (error === null) return resolve(result as pg.QueryResult);
      const refused = databaseError(error);
      if (!query.reachedStatement || endsConnection(refused)) client.markUnusable();
      reject(refused);
    });
    client.query(query as unknown as pg.Submittable);
  });
}
