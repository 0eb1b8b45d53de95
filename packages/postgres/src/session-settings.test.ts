// What a statement sets for the whole session. The server reports a few such settings, and a connection on which one of them changed
// is closed; of all others nobody hears, so they are reset before the next subject's statement.
import { afterAll, beforeAll, expect, test } from "vitest";
import { asSubject, type VerifiedClaims } from "./as-subject.ts";
import type { DatabasePool } from "./database-pool.ts";
import { testDatabase } from "./testing/injected-cluster.ts";
import type { TestDatabase } from "./testing/test-database.ts";

let database: TestDatabase;
const mallory: VerifiedClaims = { sub: "66666666-6666-4666-8666-666666666666", role: "authenticated" };
const victim: VerifiedClaims = { sub: "77777777-7777-4777-8777-777777777777", role: "authenticated" };
/** None of them is reported. Two change what a statement means, one how a value is written, one the application made up. */
const settings = {
  array_nulls: "off",
  transform_null_equals: "on",
  bytea_output: "escape",
  "mine.tenant": "everybody",
};
const text = `select ${Object.keys(settings)
  .map((name) => `current_setting('${name}', true)`)
  .join(" || '/' || ")} as now`;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

async function poison(pool: DatabasePool): Promise<void> {
  for (const [name, value] of Object.entries(settings))
    await asSubject(pool, mallory, { text: `select set_config('${name}', '${value}', false)` });
}

test.each([true, false])(
  "a setting for the whole session is gone for the next subject, statements prepared by name: %s",
  async (canPrepare) => {
    const pool = database.pool("holdfast_api", { connectionsMax: 1, canPrepare });
    await poison(pool);
    expect((await asSubject(pool, victim, { text })).rows).toEqual([{ now: "on/off/hex/" }]);
    await poison(pool);
    const inTransaction = await asSubject(pool, victim, (transaction) => transaction.query(text));
    expect(inTransaction.rows).toEqual([{ now: "on/off/hex/" }]);
    expect(pool.metrics.discarded).toBe(0);
  },
);

test("a refused statement takes its reset back, and whoever comes next resets again", async () => {
  const pool = database.pool("holdfast_api", { connectionsMax: 1 });
  await asSubject(pool, victim, { text });
  await poison(pool);
  await expect(asSubject(pool, victim, { text: "select 1 / 0" })).rejects.toMatchObject({ sqlState: "22012" });
  expect((await asSubject(pool, victim, { text })).rows).toEqual([{ now: "on/off/hex/" }]);
  await poison(pool);
  const failing = asSubject(pool, victim, async (transaction) => {
    await transaction.query(text);
    throw new Error("given up");
  });
  await expect(failing).rejects.toThrow("given up");
  expect((await asSubject(pool, victim, { text })).rows).toEqual([{ now: "on/off/hex/" }]);
});

test("the time limits of the role hold again for whoever comes next", async () => {
  const pool = database.pool("holdfast_api", { connectionsMax: 1 });
  const unlimited = "select set_config('statement_timeout', '0', false), set_config('transaction_timeout', '0', false)";
  await asSubject(pool, mallory, { text: unlimited });
  const limits = "select current_setting('statement_timeout') as one, current_setting('transaction_timeout') as whole";
  expect((await asSubject(pool, victim, { text: limits })).rows).toEqual([{ one: "15s", whole: "1min" }]);
});

test("a statement's own settings hold within its transaction", async () => {
  const pool = database.pool("holdfast_api", { connectionsMax: 1 });
  const seen = await asSubject(pool, victim, async (transaction) => {
    await transaction.query("select set_config('mine.tenant', 'own', true)");
    return transaction.query("select current_setting('mine.tenant') as tenant");
  });
  expect(seen.rows).toEqual([{ tenant: "own" }]);
});
