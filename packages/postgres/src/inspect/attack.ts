// Runs the attack of a finding, so that it is shown and not only claimed. Nothing stays of it: each runs in a savepoint that is rolled
// back, one that reads in a transaction that can only read.
import type { ClientBase } from "pg";
import type { Attack, Proof } from "./rule/finding.ts";
import { literal, quoted } from "./rule/subject.ts";

export const ATTACK_TIMEOUT_MS = 3_000;
const LOCK_TIMEOUT_MS = 500;

/** The attack as a text for psql: it changes nothing. */
export function attackText(attack: Attack): string {
  return ["BEGIN;", ...preparation(attack).map((sql) => `${sql};`), `${attack.sql};`, "ROLLBACK;"].join("\n");
}

function preparation(attack: Attack): readonly string[] {
  const settings = Object.entries(attack.settings ?? {}).map(
    ([name, value]) => `SELECT pg_catalog.set_config(${literal(name)}, ${literal(value)}, true)`,
  );
  // The settings first: whether the role may set them is no question, everybody may.
  return [...settings, ...(attack.role === null ? [] : [`SET LOCAL ROLE ${quoted(attack.role)}`])];
}

/** Inside the caller's transaction. */
export async function runAttack(client: ClientBase, attack: Attack, mayWrite: boolean): Promise<Proof> {
  if (attack.runs === "never")
    return { outcome: "not-run", detail: "What it does no rollback would undo; run it where that does not matter." };
  if (attack.runs === "writes" && !mayWrite)
    return { outcome: "not-run", detail: "It writes (and would be rolled back): --attack-writes runs it." };
  await client.query("SAVEPOINT holdfast_attack");
  try {
    await client.query(
      `SET LOCAL statement_timeout = ${ATTACK_TIMEOUT_MS}; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`,
    );
    if (attack.runs === "reads") await client.query("SET LOCAL transaction_read_only = on");
    for (const sql of preparation(attack)) {
      const refusal = await errorOf(client.query(sql));
      if (refusal !== undefined)
        return {
          outcome: "not-run",
          detail: `${sql} was refused (${refusal}): whoever inspects must be a member of the role.`,
        };
    }
    return await judged(client, attack);
  } finally {
    await client.query("ROLLBACK TO SAVEPOINT holdfast_attack; RELEASE SAVEPOINT holdfast_attack");
  }
}

async function judged(client: ClientBase, attack: Attack): Promise<Proof> {
  const as = attack.role === null ? "" : ` as ${attack.role}`;
  try {
    const { rows } = await client.query({ text: attack.sql, rowMode: "array" });
    if (attack.shows === "success") return { outcome: "shown", detail: `It was not refused${as}.` };
    if (typeof attack.shows === "object") return { outcome: "not-shown", detail: `It did not fail${as}.` };
    const first = (rows as unknown[][])[0]?.[0];
    const isThere = rows.length > 0 && first !== null && first !== false && String(first) !== "0";
    return isThere
      ? {
          outcome: "shown",
          detail: `It gave ${rows.length === 1 ? JSON.stringify(first) : `${rows.length} rows`}${as}.`,
        }
      : { outcome: "not-shown", detail: `It gave nothing${as}: the hole is open, but there is nothing behind it now.` };
  } catch (error) {
    // A refusal is an answer: that of the attack's statement. Its text may hold values and is not kept.
    const code = codeOf(error);
    if (typeof attack.shows === "object" && attack.shows.sqlState === code)
      return { outcome: "shown", detail: `It failed with SQLSTATE ${code}${as}.` };
    return { outcome: "not-shown", detail: `It was refused with SQLSTATE ${code}${as}.` };
  }
}

async function errorOf(query: Promise<unknown>): Promise<string | undefined> {
  try {
    await query;
    return undefined;
  } catch (error) {
    // The answer is whether it was refused.
    return codeOf(error);
  }
}

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? "unknown");
