// Many mixed requests of several subjects over few connections: whoever is taken for somebody else is a crossing. Some requests fail
// half way, some abort a transaction, and some are injected statements that try to leave something behind.
import { asSubject, type VerifiedClaims } from "../as-subject.ts";
import type { DatabasePool } from "../database-pool.ts";

export interface Crossings {
  readonly requests: number;
  /** Each as "index: expected …, saw …". */
  readonly crossings: readonly string[];
}

const subjects: readonly (VerifiedClaims | null)[] = [
  { sub: "11111111-1111-4111-8111-111111111111", role: "authenticated" },
  { sub: "22222222-2222-4222-8222-222222222222", role: "authenticated" },
  null,
];
const text = "select auth.uid() as uid, current_user as who, $1::int / $2::int as quotient";
/** What an injected statement may leave on the session; it is asked for as the subject itself. */
const LEAVE =
  "select set_config('request.jwt.claims', current_setting('request.jwt.claims', true), false), set_config('holdfast.proof', current_setting('holdfast.proof', true), false)";
/** No multiple of the number of subjects, so that each subject asks in every way. */
const KINDS = 7;
const FAILING_KINDS = 2;
const DIVISION_BY_ZERO = "22012";

type Seen = { readonly uid: string | null; readonly who: string };
const told = (rows: readonly Seen[]): string => `${rows[0]?.uid ?? null} ${rows[0]?.who}`;
const sqlState = (error: { readonly sqlState?: string; readonly message: string }): string =>
  error.sqlState ?? error.message;

/** Asks in one of several ways, and says who PostgreSQL thought it was, or the SQLSTATE of the failure. */
async function ask(pool: DatabasePool, claims: VerifiedClaims | null, index: number): Promise<string> {
  switch (index % KINDS) {
    case 0: // Division by zero: the pipeline fails after the claims were set.
      return asSubject(pool, claims, { text, values: [1, 0] }).then(() => "no error", sqlState);
    case 1: // A transaction that fails and is rolled back.
      return asSubject(pool, claims, async (transaction) => {
        await transaction.query(text, [1, 1]);
        await transaction.query(text, [1, 0]);
        return "no error";
      }).catch(sqlState);
    case 2:
      return asSubject(pool, claims, async (transaction) => told((await transaction.query<Seen>(text, [1, 1])).rows));
    case 3: {
      await asSubject(pool, claims, { text: LEAVE });
      return told((await asSubject<Seen>(pool, claims, { text, values: [1, 1] })).rows);
    }
    default:
      return told((await asSubject<Seen>(pool, claims, { text, values: [1, 1] })).rows);
  }
}

export async function countCrossings(pool: DatabasePool, requests: number, atOnce: number): Promise<Crossings> {
  const crossings: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < requests; index = next++) {
      const claims = subjects[index % subjects.length] ?? null;
      const fails = index % KINDS < FAILING_KINDS;
      const expected = fails ? DIVISION_BY_ZERO : claims === null ? "null anon" : `${claims.sub} authenticated`;
      const seen = await ask(pool, claims, index);
      if (seen !== expected) crossings.push(`${index}: expected ${expected}, saw ${seen}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { requests: next - atOnce < requests ? next - atOnce : requests, crossings };
}
