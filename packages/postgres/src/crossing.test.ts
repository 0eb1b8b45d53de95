import { afterAll, beforeAll, expect, test } from "vitest";
import { asSubject, type VerifiedClaims } from "./as-subject.ts";
import type { DatabasePool } from "./database-pool.ts";
import { testDatabase } from "./testing/injected-cluster.ts";
import type { TestDatabase } from "./testing/test-database.ts";

const REQUESTS = Number(process.env.HOLDFAST_CROSSING_REQUESTS ?? 2_000);
let database: TestDatabase;
let pool: DatabasePool;

beforeAll(async () => {
  database = await testDatabase();
  pool = database.pool("holdfast_api", { connectionsMax: 2, queueMax: REQUESTS, queueTimeoutMs: 60_000 });
});
afterAll(() => database.drop());

const subjects: readonly (VerifiedClaims | null)[] = [
  { sub: "11111111-1111-4111-8111-111111111111", role: "authenticated" },
  { sub: "22222222-2222-4222-8222-222222222222", role: "authenticated" },
  null,
];
const text = "select auth.uid() as uid, current_user as who, $1::int / $2::int as quotient";

/** Asks in one of several ways, some of which fail, and says who PostgreSQL thought it was. */
async function ask(claims: VerifiedClaims | null, index: number): Promise<string> {
  const seen = ({ uid, who }: { uid: string | null; who: string }): string => `${uid} ${who}`;
  switch (index % 5) {
    case 0: // Division by zero: the pipeline fails after the claims were set.
      return asSubject(pool, claims, { text, values: [1, 0] }).then(
        () => "no error",
        (error: { sqlState: string }) => error.sqlState,
      );
    case 1: // A transaction that fails and is rolled back.
      return asSubject(pool, claims, async (transaction) => {
        await transaction.query(text, [1, 1]);
        await transaction.query(text, [1, 0]);
        return "no error";
      }).catch((error: { sqlState: string }) => error.sqlState);
    case 2:
      return asSubject(pool, claims, async (transaction) => {
        const { rows } = await transaction.query<{ uid: string | null; who: string }>(text, [1, 1]);
        return seen(rows[0] as { uid: string | null; who: string });
      });
    default:
      return asSubject<{ uid: string | null; who: string }>(pool, claims, { text, values: [1, 1] }).then(({ rows }) =>
        seen(rows[0] as { uid: string | null; who: string }),
      );
  }
}

test(`in ${REQUESTS} mixed requests over two connections nobody is ever taken for somebody else`, async () => {
  const crossings: string[] = [];
  let answers = 0;
  await Promise.all(
    Array.from({ length: REQUESTS }, async (_, index) => {
      const claims = subjects[index % subjects.length] ?? null;
      const expected = index % 5 < 2 ? "22012" : claims === null ? "null anon" : `${claims.sub} authenticated`;
      const seen = await ask(claims, index);
      answers += 1;
      if (seen !== expected) crossings.push(`${index}: expected ${expected}, saw ${seen}`);
    }),
  );
  expect(crossings).toEqual([]);
  expect(answers).toBe(REQUESTS);
  expect(pool.metrics).toMatchObject({ connections: 2, waiting: 0, discarded: 0, refused: 0 });
});
