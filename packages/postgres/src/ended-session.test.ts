// A session that was ended is refused by the database itself, whatever its connections still hold.
import { afterAll, beforeAll, expect, test } from "vitest";
import { asSubject, type VerifiedClaims } from "./as-subject.ts";
import type { DatabaseEvent, DatabasePool } from "./database-pool.ts";
import { testDatabase } from "./testing/injected-cluster.ts";
import type { TestDatabase } from "./testing/test-database.ts";

let database: TestDatabase;
let pool: DatabasePool;
let identity: DatabasePool;
const events: DatabaseEvent[] = [];
const sub = "11111111-1111-4111-8111-111111111111";
const claimsOf = (last: number): VerifiedClaims => ({
  sub,
  role: "authenticated",
  session_id: `22222222-2222-4222-8222-00000000000${last}`,
});
const whoIs = { text: "select auth.uid() as uid" };

beforeAll(async () => {
  database = await testDatabase();
  await (await database.administrator()).query(`
    create table note (owner_id uuid not null);
    alter table note enable row level security; alter table note force row level security;
    create policy own on note to authenticated using (owner_id = (select s.id from holdfast.subject s));
    grant select on note to authenticated;
    insert into note select '${sub}' from generate_series(1, 3)`);
  pool = database.pool("holdfast_api", { connectionsMax: 1, emit: (event) => events.push(event) });
  identity = database.pool("holdfast_identity", { connectionsMax: 1 });
});
afterAll(() => database.drop());

const end = ({ session_id }: VerifiedClaims): Promise<unknown> =>
  identity.query("insert into holdfast_keeper.ended_sessions values ($1, now(), now() + interval '10 minutes')", [
    session_id,
  ]);
const rowsSeen = async (claims: VerifiedClaims): Promise<number> =>
  (await asSubject(pool, claims, { text: "select from note" })).rowCount as number;

test("the proof a connection kept is worth nothing once its session has ended; the subject's other session goes on", async () => {
  const [ended, other] = [claimsOf(1), claimsOf(2)];
  for (const claims of [ended, other]) expect(await rowsSeen(claims)).toBe(3);
  await end(ended);
  await expect(rowsSeen(ended)).rejects.toMatchObject({ code: "database/session-ended", sqlState: "28HF1" });
  await expect(asSubject(pool, ended, whoIs)).rejects.toMatchObject({ code: "database/session-ended" });
  expect(events.map(({ name, reason, sessionId }) => [name, reason, sessionId])).toEqual(
    [ended, ended].map(({ session_id }) => ["database.refused", "session-ended", session_id]),
  );
  expect(await rowsSeen(other)).toBe(3);
});

test("a transaction that is under way stops at its next statement", async () => {
  const claims = claimsOf(3);
  const seen: number[] = [];
  const work = asSubject(pool, claims, async (transaction) => {
    seen.push((await transaction.query("select from note")).rowCount as number);
    await end(claims);
    seen.push((await transaction.query("select from note")).rowCount as number);
  });
  await expect(work).rejects.toMatchObject({ code: "database/session-ended" });
  expect(seen).toEqual([3]);
});

test("a proof cannot be made to name another session, and the request's role cannot read or change which have ended", async () => {
  const claims = claimsOf(4);
  await end(claims);
  const { session_id: alive } = claimsOf(5);
  const renamed = asSubject(pool, claims, async (transaction) => {
    const proof = "replace(current_setting('holdfast.proof'), '000000000004', '000000000005')";
    await transaction.query(`select set_config('holdfast.proof', ${proof}, true)`);
    await transaction.query("select from note");
  });
  await expect(renamed).rejects.toMatchObject({ code: "database/claims-refused" });
  for (const text of [
    "delete from holdfast_keeper.ended_sessions",
    "select * from holdfast_keeper.ended_sessions",
    `insert into holdfast_keeper.ended_sessions values ('${alive}', now(), now())`,
  ]) {
    await expect(asSubject(pool, claimsOf(6), { text }), text).rejects.toMatchObject({ code: "database/refused" });
  }
});

test("identity ends sessions, and reads neither keys nor anything else of the keeper's", async () => {
  for (const text of ["select * from holdfast_keeper.claim_keys", "select holdfast_keeper.verified_elsewhere('')"])
    await expect(identity.query(text), text).rejects.toMatchObject({ code: "database/refused" });
});

test("a session that is not a UUID is refused before anything is sent", async () => {
  const claims = { ...claimsOf(1), session_id: "1.2|3" };
  await expect(asSubject(pool, claims, whoIs)).rejects.toMatchObject({ code: "database/claims-invalid" });
});
