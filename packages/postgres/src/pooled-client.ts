// A connection of a pool, with what Holdfast must know about it: whether something changed its session for good, and which
// statements it has prepared. Statement names are random, so that an injected statement cannot take the place of one
// (PREPARE under a known name would run in the next subject's request).
import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import { ClaimsCache } from "./claims-cache.ts";
import { MessageParser, type WireMessage } from "./message-parser.ts";
import type { Field, RowReader } from "./row-reader.ts";
import { GuardedClient, type GuardedSettings } from "./transit/guarded-client.ts";

/** The parts of pg's connection that its types leave out. pg is pinned to one exact version because of them. */
export interface WireConnection {
  readonly stream: { cork(): void; uncork(): void; write(bytes: Uint8Array): boolean };
  readonly parsedStatements: Record<string, string>;
  readonly submittedNamedStatements: Record<string, string>;
  on(event: "parameterStatus", listener: (message: { parameterName: string; parameterValue: string }) => void): void;
  emit(event: string, message: WireMessage): boolean;
  attachListeners(stream: Readable): void;
  parse(message: { name?: string; text: string; types?: readonly number[] }): void;
  bind(message: { statement?: string; values?: readonly (string | null)[] }): void;
  describe(message: object): void;
  execute(message?: object): void;
  close(message: { type: "S"; name: string }): void;
  sync(): void;
}

interface WireClient {
  readonly connection: WireConnection;
  readonly processID: number;
  getTransactionStatus(): "I" | "T" | "E" | null;
}

/** How the rows of a statement look, and who reads them. */
export interface RowShape {
  readonly fields: readonly Field[];
  readonly read: RowReader;
}

interface CachedStatement {
  readonly name: string;
  uses: number;
}

const STATEMENTS_MAX = 200;
const STATEMENT_CHARACTERS_MAX = 8_192;
const NAME_BYTES = 12;
/** A text is prepared when it comes a second time; what is only seen once would cost more than it saves. */
const USES_BEFORE_PREPARING = 2;

export class PooledClient extends GuardedClient {
  /** The name of the statement that sets role and claims, and whether this connection knows it already. */
  readonly claimsStatement: string = this.canPrepare ? randomBytes(NAME_BYTES).toString("base64url") : "";
  claimsStatementIsPrepared = false;
  /** The statement that resets settings, likewise. */
  readonly resetStatement: string = this.canPrepare ? randomBytes(NAME_BYTES).toString("base64url") : "";
  resetStatementIsPrepared = false;
  /** The claims message of the only subject whose statements ran since the settings were reset; undefined when in doubt. */
  settledFor: Uint8Array | undefined;
  readonly claims = new ClaimsCache(this.claimsStatement);
  readonly messages = new MessageParser();
  readonly #prefix = randomBytes(NAME_BYTES).toString("base64url");
  readonly #statements = new Map<string, CachedStatement>();
  readonly #rows = new Map<string, RowShape>();
  readonly #initial = new Map<string, string>();
  readonly #changed = new Set<string>();
  #count = 0;
  #isConnected = false;
  #isUsable = true;

  constructor(config?: GuardedSettings) {
    super(config);
    this.once("connect", () => {
      this.#isConnected = true;
    });
    // Without a listener a lost connection would end the process; the waiting statement is rejected anyway.
    this.on("error", () => this.markUnusable());
    this.on("end", () => this.markUnusable());
    const { connection } = this.wire;
    const tell = (message: WireMessage): void => {
      connection.emit(message.name === "error" ? "errorMessage" : message.name, message);
    };
    connection.attachListeners = (stream) => void stream.on("data", (bytes: Buffer) => this.messages.read(bytes, tell));
    // The server reports settings such as TimeZone, search_path and standard_conforming_strings whenever they change. A change
    // that outlives its transaction would reach the next subject.
    connection.on("parameterStatus", ({ parameterName: name, parameterValue: value }) => {
      if (!this.#isConnected) this.#initial.set(name, value);
      else if (this.#initial.get(name) === value) this.#changed.delete(name);
      else this.#changed.add(name);
    });
  }

  /** The connection, but it does not ask what the rows look like. */
  readonly undescribing = Object.create(this.wire.connection, {
    describe: { value: () => undefined },
  }) as WireConnection;

  get wire(): WireClient {
    return this as unknown as WireClient;
  }

  /** Says that nobody may use this connection again. */
  markUnusable(): void {
    this.#isUsable = false;
  }

  /** Whether the next request may have this connection: alive, no open transaction, no changed session. */
  get isClean(): boolean {
    return this.#isUsable && this.#changed.size === 0 && this.wire.getTransactionStatus() === "I";
  }

  /** Whether statements are prepared by name on this connection. */
  get canPrepare(): boolean {
    return true;
  }

  /** The name to prepare a text under, or undefined to leave it unnamed. Closes the statement used longest ago when full. */
  statementName(text: string): string | undefined {
    if (!this.canPrepare || text.length > STATEMENT_CHARACTERS_MAX) return undefined;
    const known = this.#statements.get(text) ?? { name: `${this.#prefix}${this.#count++}`, uses: 0 };
    known.uses += 1;
    this.#statements.delete(text);
    this.#statements.set(text, known);
    if (this.#statements.size > STATEMENTS_MAX) this.#closeOldest();
    return known.uses >= USES_BEFORE_PREPARING ? known.name : undefined;
  }

  /** How the rows of a statement looked that this connection has run under this name. */
  rowsOf(name: string | undefined): RowShape | undefined {
    return name === undefined ? undefined : this.#rows.get(name);
  }

  /** Keeps how the rows look; frozen, because every result of the statement shares it. */
  keepRowsOf(name: string | undefined, shape: RowShape): void {
    if (name === undefined || this.#rows.has(name)) return;
    for (const field of shape.fields) Object.freeze(field);
    Object.freeze(shape.fields);
    this.#rows.set(name, shape);
  }

  #closeOldest(): void {
    const oldest = this.#statements.entries().next().value;
    if (oldest === undefined) return;
    const [text, { name }] = oldest;
    this.#statements.delete(text);
    this.#rows.delete(name);
    const { connection } = this.wire;
    if (connection.parsedStatements[name] === undefined) return;
    delete connection.parsedStatements[name];
    connection.close({ type: "S", name }); // Answered within the pipeline that follows.
  }
}

/** A connection where subjects could read the names of prepared statements: it prepares none. */
export class UnpreparedClient extends PooledClient {
  override get canPrepare(): boolean {
    return false;
  }
}
