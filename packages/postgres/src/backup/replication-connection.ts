// A connection that speaks PostgreSQL's replication protocol (PostgreSQL 18 §54.4): base backups and write-ahead log, remote,
// for a role with REPLICATION and nothing else. In mode `database` it answers plain SQL as well.
import { Readable } from "node:stream";
import type pg from "pg";
import { GuardedClient, type GuardedSettings } from "../transit/guarded-client.ts";

/** A row as text; the replication commands give no binary values. */
export type TextRow = Readonly<Record<string, string | null>>;

interface WireField {
  readonly name: string;
}

interface Wire {
  readonly stream: { pause(): void; resume(): void; destroy(): void };
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** What pg calls on whatever is submitted to its connection. */
class Exchange {
  readonly results: TextRow[][] = [];
  readonly done: Promise<void>;
  callback: () => void = () => undefined;
  readonly #text: string;
  readonly #onData: (chunk: Buffer, wire: Wire) => void;
  readonly #onCopyIn: (wire: Wire) => void;
  #names: readonly string[] = [];
  #settle: { resolve: () => void; reject: (cause: unknown) => void } = { resolve() {}, reject() {} };

  constructor(text: string, onData: (chunk: Buffer, wire: Wire) => void, onCopyIn: (wire: Wire) => void) {
    this.#text = text;
    this.#onData = onData;
    this.#onCopyIn = onCopyIn;
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.done.catch(() => undefined); // Whoever waits is told; nobody waiting yet is no crash.
  }

  submit(wire: Wire): void {
    wire.query(this.#text);
  }
  handleRowDescription(message: { readonly fields: readonly WireField[] }): void {
    this.#names = message.fields.map(({ name }) => name);
    this.results.push([]);
  }
  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    this.results
      .at(-1)
      ?.push(Object.fromEntries(this.#names.map((name, index) => [name, message.fields[index] ?? null])));
  }
  handleCopyData(message: { readonly chunk: Buffer }, wire: Wire): void {
    this.#onData(message.chunk, wire);
  }
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyInResponse(wire: Wire): void {
    this.#onCopyIn(wire);
  }
  handleError(cause: unknown): void {
    this.#settle.reject(cause);
  }
  handleReadyForQuery(): void {
    this.#settle.resolve();
  }
}

/** A stream of one command's copy data; `results` are the rows that came around it, complete when the stream has ended. */
export interface CopyOut {
  readonly stream: Readable;
  readonly results: readonly (readonly TextRow[])[];
}

/** A copy in both directions that was begun: messages arrive at the listener, answers go out by `send`. */
export interface CopyBoth {
  send(message: Buffer): void;
  /** Resolves when the server has ended the copy, rejects when the connection was lost. */
  readonly done: Promise<void>;
}

export class ReplicationConnection {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  /** @throws what pg throws: the caller says what it was for. */
  static async open(settings: GuardedSettings, applicationName: string): Promise<ReplicationConnection> {
    const client = new GuardedClient({
      ...settings,
      application_name: applicationName,
      keepAlive: true,
      replication: "database",
    } as GuardedSettings);
    client.on("error", () => undefined); // A lost connection rejects the exchange that was waiting for it.
    await client.connect();
    return new ReplicationConnection(client);
  }

  /** The rows of one command, or of one SQL statement without parameters. */
  async rows(text: string): Promise<readonly TextRow[]> {
    const exchange = this.#submit(text, () => undefined);
    await exchange.done;
    return exchange.results[0] ?? [];
  }

  /** Begins a command that copies out. The server waits while nobody reads. */
  copyOut(text: string): CopyOut {
    let wire: Wire | undefined;
    const stream = new Readable({
      objectMode: true, // One message each: their borders mean something.
      highWaterMark: MESSAGES_AHEAD,
      read: () => wire?.stream.resume(),
      destroy: (error, callback) => {
        wire?.stream.resume();
        callback(error);
      },
    });
    const exchange = this.#submit(text, (chunk, from) => {
      wire = from;
      // Copied, because pg reuses its buffer for what arrives next.
      if (!stream.destroyed && !stream.push(Buffer.from(chunk))) from.stream.pause();
    });
    exchange.done.then(
      () => stream.push(null),
      (cause: unknown) => stream.destroy(cause as Error),
    );
    return { stream, results: exchange.results };
  }

  /** Runs a command that takes content, such as UPLOAD_MANIFEST. */
  async copyIn(text: string, content: Buffer): Promise<void> {
    const give = (wire: Wire): void => {
      for (let at = 0; at < content.length; at += CHUNK_BYTES)
        wire.sendCopyFromChunk(content.subarray(at, at + CHUNK_BYTES));
      wire.endCopyFrom();
    };
    await this.#submit(text, () => undefined, give).done;
  }

  /** Begins a command that copies both ways, such as START_REPLICATION. */
  copyBoth(text: string, onMessage: (message: Buffer) => void): CopyBoth {
    const exchange = this.#submit(text, (chunk) => onMessage(chunk));
    const { connection } = this.#client as unknown as { readonly connection: Wire };
    return { done: exchange.done, send: (message) => connection.sendCopyFromChunk(message) };
  }

  /** Reads no further for a while; what the server sends meanwhile waits there. */
  pause(): void {
    (this.#client as unknown as { readonly connection: Wire }).connection.stream.pause();
  }

  resume(): void {
    (this.#client as unknown as { readonly connection: Wire }).connection.stream.resume();
  }

  /** Ends at once, whatever is under way. */
  destroy(): void {
    (this.#client as unknown as { readonly connection: Wire }).connection.stream.destroy();
  }

  async end(): Promise<void> {
    await this.#client.end().catch(() => undefined); // It is gone already: nothing to end.
  }

  #submit(
    text: string,
    onData: (chunk: Buffer, wire: Wire) => void,
    onCopyIn: (wire: Wire) => void = () => undefined,
  ): Exchange {
    const exchange = new Exchange(text, onData, onCopyIn);
    this.#client.query(exchange as unknown as pg.Submittable);
    return exchange;
  }
}

const CHUNK_BYTES = 64 * 1024;
/** Of at most 64 KiB each. */
const MESSAGES_AHEAD = 64;
