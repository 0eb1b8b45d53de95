// Sealed values that go through every backup, one for each sealed column and one of a subject whose keys are destroyed: a restored
// copy shows by them that its sealed columns open with the deployment's keys, and that what was shredded stays so, also where the
// application has sealed nothing yet.
import { randomUUID } from "node:crypto";
import { dataClassOf, openValue, type SealedColumn, sealRow } from "@holdfast/postgres";
import type { Keyring } from "@holdfast/vault";
import type { Statements } from "../store/database.ts";

export interface SealedGround {
  readonly keyring: Keyring;
  /** The application's name. */
  readonly tenant: string;
  readonly columns: readonly SealedColumn[];
}

interface Canary {
  readonly rowKey: string;
  readonly subject: string | null;
  readonly shredded: boolean;
  readonly value: Buffer;
}

const PLAIN = "a canary of the restore drill";
const READ = `SELECT row_key::text AS "rowKey", subject::text AS subject, shredded, value
  FROM platform.sealed_canary WHERE data_class = $1`;
const STORE = `INSERT INTO platform.sealed_canary (data_class, row_key, subject, shredded, value) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (data_class, shredded) DO UPDATE SET row_key = $2, subject = $3, value = $5`;

/** Plants what is missing, or no longer opens since its key was rotated away. */
export async function plantSealedCanaries(statements: Statements, ground: SealedGround): Promise<void> {
  for (const column of ground.columns) {
    const { rows } = await statements.query<Canary>(READ, [dataClassOf(column)]);
    const kept = rows.find(({ shredded }) => !shredded);
    const isSound = kept !== undefined && (await openAt(ground, column, kept)) === "opened";
    if (!isSound) await plant(statements, ground, column, false);
    if (!column.hasSubject) continue;
    const lost = rows.find(({ shredded }) => shredded)?.subject ?? (await plant(statements, ground, column, true));
    if (lost !== null && !(await ground.keyring.isShredded(lost))) await ground.keyring.shred(lost);
  }
}

async function plant(
  statements: Statements,
  ground: SealedGround,
  column: SealedColumn,
  shredded: boolean,
): Promise<string | null> {
  const [rowKey, subject] = [randomUUID(), column.hasSubject ? randomUUID() : null];
  const value = await sealRow({ ...ground, column }, { key: rowKey, subject, plain: PLAIN });
  await statements.query(STORE, [dataClassOf(column), rowKey, subject, shredded, value]);
  return subject;
}

async function openAt({ keyring, tenant }: SealedGround, column: SealedColumn, canary: Canary): Promise<string> {
  const opened = await openValue(keyring, { column, tenant, rowKey: canary.rowKey }, canary.value);
  if (opened.kind === "opened") return opened.text === PLAIN ? "opened" : "another value";
  return opened.kind === "destroyed" ? "destroyed" : opened.reason;
}

export interface OpenedCanaries {
  readonly opened: number;
  readonly destroyed: number;
  /** Columns without one: they were sealed after the restored moment. */
  readonly missing: readonly string[];
  /** Such as "A canary of public.notes.body does not open (key-unknown)". */
  readonly fault: string | undefined;
}

/** Opens them in a copy. */
export async function openSealedCanaries(statements: Statements, ground: SealedGround): Promise<OpenedCanaries> {
  const missing: string[] = [];
  let [opened, destroyed] = [0, 0];
  for (const column of ground.columns) {
    const name = dataClassOf(column);
    const { rows } = await statements.query<Canary>(READ, [name]);
    if (rows.length < (column.hasSubject ? 2 : 1)) missing.push(name);
    for (const canary of rows) {
      const found = await openAt(ground, column, canary);
      const seen = { opened, destroyed, missing };
      if (canary.shredded && found !== "destroyed")
        return { ...seen, fault: `A canary of ${name} whose key was destroyed does not say so (${found}).` };
      if (!canary.shredded && found !== "opened")
        return { ...seen, fault: `A canary of ${name} does not open (${found}).` };
      if (canary.shredded) destroyed += 1;
      else opened += 1;
    }
  }
  return { opened, destroyed, missing, fault: undefined };
}
