// Seals values on their way to PostgreSQL and opens them on their way back. A value is bound to its tenant, column and row:
// whatever cannot be bound to a row is refused, and so is whatever does not open where it stands.
import { blindIndex, isEnvelope, type Keyring, sealEnvelope } from "@holdfast/vault";
import type pg from "pg";
import { DatabaseError } from "../error.ts";
import type { Statement } from "../pipeline.ts";
import type { Transaction } from "../transaction.ts";
import { openValue } from "./open-value.ts";
import { planResult, type ResultPlan, type SealedField } from "./result-plan.ts";
import {
  columnPath,
  dataClassOf,
  indexContext,
  type PlacedColumn,
  placeColumns,
  type RunStatement,
  rowText,
  type SealedColumn,
  valueContext,
} from "./sealed-column.ts";
import { ValueToFind, ValueToSeal } from "./sealed-value.ts";

export interface SealingOptions {
  readonly keyring: Keyring;
  /** Whose deployment it is; a value from another one does not open. */
  readonly tenant: string;
  readonly columns: readonly SealedColumn[];
  /** Asks PostgreSQL where the columns are; on a pool of its own, since the other may be waiting for the answer. */
  readonly catalog: RunStatement;
}

type Run = (statement: Statement) => Promise<pg.QueryResult>;

/** What PostgreSQL says to a plain value for a column that was sealed meanwhile: a check, another type, no bytes. */
const REFUSES_PLAIN = new Set<string | undefined>(["23514", "42804", "22P02"]);

export class Sealing {
  readonly #options: SealingOptions;
  /** The newest answer of PostgreSQL; those who ask at once share it. */
  #placed: Promise<readonly PlacedColumn[]> | undefined;
  #plans = new WeakMap<readonly pg.FieldDef[], ResultPlan>();

  constructor(options: SealingOptions) {
    this.#options = options;
  }

  /** Runs a statement with its values sealed, and opens what it answers. */
  async run(statement: Statement, run: Run): Promise<pg.QueryResult> {
    const seals = statement.values?.some(isToSeal) === true;
    const result = await run(seals ? await this.#sealed(statement) : statement).catch(async (error: unknown) => {
      // The column was sealed since PostgreSQL was last asked: the plain value was refused by its domain.
      const { sqlState } = error as { sqlState?: string };
      if (!seals || !REFUSES_PLAIN.has(sqlState) || !(await this.#moved())) throw error;
      return run(await this.#sealed(statement));
    });
    return this.#opened(result);
  }

  /** The same transaction, whose statements are sealed and opened. `onError` is told what sealing itself refuses. */
  transaction(transaction: Transaction, onError: (error: DatabaseError) => void): Transaction {
    const query = async (text: string, values: readonly unknown[] = []): Promise<pg.QueryResult> => {
      const statement = values.some(isToSeal) ? await this.#sealed({ text, values }) : { text, values };
      const result = await transaction.query(statement.text, statement.values);
      return this.#opened(result).catch((error: unknown) => {
        if (error instanceof DatabaseError) onError(error);
        throw error;
      });
    };
    return { query: query as Transaction["query"] };
  }

  #columns(): Promise<readonly PlacedColumn[]> {
    if (this.#placed !== undefined) return this.#placed;
    const asked = placeColumns(this.#options.catalog, this.#options.columns);
    this.#placed = asked;
    asked.catch(() => {
      if (this.#placed === asked) this.#placed = undefined; // Whoever asked is told; the next one asks again.
    });
    return asked;
  }

  /** Asks PostgreSQL again; whether anything is elsewhere now. */
  async #moved(): Promise<boolean> {
    const before = JSON.stringify(await this.#columns());
    this.#placed = undefined;
    this.#plans = new WeakMap();
    return JSON.stringify(await this.#columns()) !== before;
  }

  async #sealed({ text, values = [] }: Statement): Promise<Statement> {
    const sent = await Promise.all(values.map((value) => this.#sealedValue(value)));
    // Another text where bytes are sent: one that was prepared for the plain column takes a text there.
    return { text: sent.some(Buffer.isBuffer) ? `${text} /* sealed */` : text, values: sent };
  }

  async #sealedValue(value: unknown): Promise<unknown> {
    if (value instanceof ValueToFind) {
      const { column } = await this.#required(value.column);
      if (!column.blindIndex) throw undeclared(value.column, "a column with a blind index");
      if (value.value === null) return null;
      const { keyring, tenant } = this.#options;
      const key = await keyring.dataKey({ purpose: "blind-index", dataClass: dataClassOf(column) });
      keyring.count(key, "seals");
      return blindIndex(key.key, indexContext(column, tenant), value.value);
    }
    if (!(value instanceof ValueToSeal)) return value;
    const placed = await this.#required(value.column);
    const bytes = plainBytes(placed.column, value.value);
    if (bytes === null) return null;
    if (!placed.isSealed) return bytes.toString("utf8"); // `holdfast seal` will come by.
    return this.#seal(placed.column, value, bytes);
  }

  async #seal(column: SealedColumn, { row, column: path }: ValueToSeal, bytes: Buffer): Promise<Buffer> {
    const { keyring, tenant } = this.#options;
    const { subject } = row;
    if (column.hasSubject !== (subject !== undefined))
      throw undeclared(path, column.hasSubject ? "a value with its subject" : "a value without a subject");
    const whose = subject === undefined ? {} : { subject: subject.toLowerCase() };
    const key = await keyring.dataKey({ purpose: "field", dataClass: dataClassOf(column), ...whose });
    keyring.count(key, "seals");
    const place = { tenant: whose.subject ?? tenant, row: rowText(column, row.key) };
    return sealEnvelope(key, valueContext(column, place), bytes);
  }

  async #required(path: string): Promise<PlacedColumn> {
    const isNamed = ({ column }: PlacedColumn): boolean => columnPath(column) === path;
    const found = (await this.#columns()).find(isNamed);
    if (found !== undefined) return found;
    throw undeclared(path, "a column that the policy seals");
  }

  async #opened(result: pg.QueryResult): Promise<pg.QueryResult> {
    if (result.rows.length === 0 || result.fields.length === 0) return result;
    const plan = await this.#plan(result.fields);
    const current = this.#strays(result, plan) && (await this.#moved()) ? await this.#plan(result.fields) : plan;
    if (this.#strays(result, current)) throw stray();
    for (const field of current.sealed) {
      for (const row of result.rows as Record<string, unknown>[]) {
        const sealed = row[field.name];
        if (sealed === null) continue;
        row[field.name] = await this.#open(field, row[field.keyName], sealed);
      }
    }
    return result;
  }

  async #plan(fields: readonly pg.FieldDef[]): Promise<ResultPlan> {
    const known = this.#plans.get(fields);
    if (known !== undefined) return known;
    const plan = planResult(fields, await this.#columns());
    this.#plans.set(fields, plan);
    return plan;
  }

  /** Whether sealed bytes stand where no sealed column is known to be. */
  #strays({ rows }: pg.QueryResult, { bytes }: ResultPlan): boolean {
    return bytes.some((name) =>
      (rows as Record<string, unknown>[]).some((row) => {
        const value = row[name];
        return Buffer.isBuffer(value) && isEnvelope(value);
      }),
    );
  }

  async #open(field: SealedField, rowKey: unknown, sealed: unknown): Promise<unknown> {
    const { column } = field.placed;
    const { keyring, tenant } = this.#options;
    const value = openValue(keyring, { column, tenant, rowKey }, sealed);
    const opened = value instanceof Promise ? await value : value;
    if (opened.kind === "destroyed") return null;
    if (opened.kind === "refused") throw refused(column, opened.reason, opened.cause);
    return column.type === "jsonb" ? (JSON.parse(opened.text) as unknown) : opened.text;
  }
}

const isToSeal = (value: unknown): boolean => value instanceof ValueToSeal || value instanceof ValueToFind;

function plainBytes(column: SealedColumn, value: unknown): Buffer | null {
  if (value === null || value === undefined) return null;
  if (column.type === "jsonb") return Buffer.from(JSON.stringify(value), "utf8");
  if (typeof value === "string") return Buffer.from(value, "utf8");
  throw undeclared(columnPath(column), "a text");
}

const undeclared = (path: string, expected: string): DatabaseError =>
  new DatabaseError("database/sealed-unbound", {
    expected: `${expected} for ${path}`,
    found: "something else",
    hint: "toSeal and toFind name a column as the policy does, for example notes.body, and the row the value is for.",
  });

const stray = (): DatabaseError =>
  new DatabaseError("database/sealed-unbound", {
    expected: "sealed values in their own columns of their own tables",
    found: "one in a view or an expression",
    hint: "Select the column itself, from its table, with the primary key beside it.",
  });

function refused(column: SealedColumn, found: string, cause?: unknown): DatabaseError {
  const { schema, relation: table, name } = column;
  return new DatabaseError(
    "database/sealed-refused",
    {
      expected: `a value of ${columnPath(column)} as it was sealed for its row`,
      found,
      hint: "Somebody wrote it, or moved it, around the application: look at the events, and restore it from a backup.",
      cause,
    },
    { schema, table, column: name },
  );
}
