// Policies ask a view who is there. What a statement may try against a view, whose text runs within the statement's own plan; what is
// tried against claims and proofs stands in injection.test.ts.
import pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { asSubject, type VerifiedClaims } from "./as-subject.ts";
import { claimProof, paddedKeys } from "./claim-proof.ts";
import type { DatabasePool } from "./database-pool.ts";
import { testDatabase } from "./testing/injected-cluster.ts";
import type { TestDatabase } from "./testing/test-database.ts";

let database: TestDatabase;
let pool: DatabasePool;
const mallory: VerifiedClaims = { sub: "66666666-6666-4666-8666-666666666666", role: "authenticated" };
const victim: VerifiedClaims = { sub: "77777777-7777-4777-8777-777777777777", role: "authenticated" };
const ROWS = 20_000;
const forge = `set local request.jwt.claims = '${JSON.stringify(victim)}'`;

beforeAll(async () => {
  database = await testDatabase();
  await (await database.administrator()).query(`
    create table secret as select g as id, (case g % 2 when 0 then '${victim.sub}' else '${mallory.sub}' end)::uuid as owner_id
      from generate_series(1, ${ROWS}) g;
    alter table secret set (parallel_workers = 2); analyze secret; alter table secret owner to holdfast_owner;
    alter table secret enable row level security; alter table secret force row level security;
    create policy own on secret using (owner_id = (select s.id from holdfast.subject s));
    grant select on secret to authenticated;
    create function holdfast.counted() returns bigint language sql stable security definer set search_path = ''
      as 'select count(*) from public.secret';
    alter function holdfast.counted() owner to holdfast_owner; grant execute on function holdfast.counted() to authenticated;
    create function public.tell(value text) returns boolean language plpgsql cost 0.0000001
      as $$ begin raise notice 'told %', value; return true; end $$;
    grant execute on function public.tell(text) to authenticated`);
  pool = database.pool("holdfast_api", { connectionsMax: 1 });
});
afterAll(() => database.drop());

/** What the last of these statements gives mallory, or the SQLSTATE of whatever refused one. */
async function attack(...statements: string[]): Promise<unknown> {
  return asSubject(pool, mallory, async (transaction) => {
    let last: unknown;
    for (const statement of statements)
      last = Object.values((await transaction.query(statement)).rows[0] ?? {}).join() || "nothing";
    return last;
  }).catch((error: { sqlState?: string; code: string }) => error.sqlState ?? error.code);
}

const count = "select count(*) as rows, count(distinct owner_id) as owners from secret";
const ownRows = `${ROWS / 2},1`;

test("forged claims are refused by the view and by each function that asks it", async () => {
  expect(await attack(count)).toBe(ownRows);
  for (const question of [
    count,
    "select id from holdfast.subject",
    "select holdfast.verified()",
    "select holdfast.claims()",
    "select holdfast.subject_id()",
    "select holdfast.roles()",
    "select holdfast.is_aal2()",
    "select auth.uid()",
    "select auth.jwt()",
  ]) {
    expect(await attack(question), question).not.toBe("28000");
    expect(await attack(forge, question), question).toBe("28000");
  }
});

test("what is behind the view can be neither read nor changed", async () => {
  expect(await attack("select id from holdfast.subject")).toBe(mallory.sub);
  for (const statement of [
    "select * from holdfast_keeper.current_key",
    "update holdfast_keeper.current_key set id = id",
    "select holdfast_keeper.verified_elsewhere('')",
    "update holdfast.subject set scope = ''",
    "delete from holdfast.subject",
    "insert into holdfast.subject values ('', null)",
    "create or replace view holdfast.subject as select '' as scope, null::uuid as id",
    "alter view holdfast.subject set (security_barrier = false)",
    "create rule other as on select to holdfast.subject do instead select 1",
  ]) {
    // 55000 and 42809: no right is asked for, since nobody can do that to such a view.
    expect(await attack(statement), statement).toMatch(/^(42501|55000|42809)$/);
  }
});

test("conditions around the view, its plan and what the server prints of it tell nothing of a key", async () => {
  const { claimKey } = database.prepared;
  const client = new pg.Client(database.settings("holdfast_api"));
  onTestFinished(() => client.end());
  await client.connect();
  const told: string[] = [];
  client.on("notice", ({ message, detail }) => told.push(`${message} ${detail}`.replaceAll(/\s/g, "")));
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const claims = JSON.stringify(mallory);
  const scope = { role: "authenticated", subject: mallory.sub as string, session: "" } as const;
  const proof = claimProof(claimKey, claims, {
    ...scope,
    backendPid: rows[0]?.pid as number,
    expiresAt: Date.now() + 60_000,
  });
  await client.query("set role authenticated; set client_min_messages = log; set debug_print_plan = on");
  await client.query("select set_config('request.jwt.claims', $1, false), set_config('holdfast.proof', $2, false)", [
    claims,
    proof,
  ]);
  const { inner, outer } = paddedKeys(claimKey);
  // As a plan prints a constant: its bytes as signed numbers, with line breaks anywhere.
  const printed = (key: Buffer): string => [...new Int8Array(key)].join("");
  const keyShown = (): boolean =>
    [inner, outer].some((key) =>
      told.some(
        (line) => line.includes(printed(key)) || line.includes(key.toString("hex")) || line.includes(claimKey.key),
      ),
    );
  const seen = await client.query(
    "select * from holdfast.subject s where public.tell(s.scope) and public.tell(s::text)",
  );
  expect(seen.rows).toMatchObject([{ id: mallory.sub }]);
  expect(told.filter((line) => line.startsWith("told"))).toHaveLength(2);
  const text = await client.query("explain (analyze, verbose, buffers) select count(*) from secret");
  expect(JSON.stringify(text.rows)).toContain("current_key");
  told.push(JSON.stringify(text.rows));
  expect(told.join("\n")).toContain("PLANNEDSTMT");
  expect(keyShown()).toBe(false);
  await client.query(`select '\\x${inner.toString("hex")}'::bytea`); // A key in a plan would be seen.
  expect(keyShown()).toBe(true);
});

test("a plan that one subject's statement made gives the next subject's rows to nobody else", async () => {
  const text = "select count(*), min(owner_id::text) as owner from secret where id <= $1";
  for (const mode of ["auto", "force_generic_plan", "force_custom_plan"]) {
    for (let turn = 0; turn < 14; turn += 1) {
      const who = turn % 2 === 0 ? mallory : victim;
      const seen = asSubject(pool, who, async (transaction) => {
        await transaction.query(`set local plan_cache_mode = ${mode}`);
        return (await transaction.query(text, [1_000])).rows;
      });
      expect(await seen, mode).toEqual([{ count: "500", owner: who.sub }]);
    }
    expect((await asSubject(pool, null, { text: "select holdfast.verified() as scope" })).rows).toEqual([
      { scope: null },
    ]);
  }
});

test("what a savepoint took back is not believed, and what came back is", async () => {
  expect(await attack("savepoint a", forge, "rollback to savepoint a", count)).toBe(ownRows);
  expect(await attack("savepoint a", forge, "release savepoint a", count)).toBe("28000");
});

test("a definer function asks the same subject, and a forged one there is refused", async () => {
  expect(await attack("select holdfast.counted()")).toBe(String(ROWS / 2));
  expect(await attack(forge, "select holdfast.counted()")).toBe("28000");
});

test("parallel workers search for the subject that their leader verified", async () => {
  const eager = [
    "set local parallel_setup_cost = 0",
    "set local parallel_tuple_cost = 0",
    "set local min_parallel_table_scan_size = 0",
  ];
  expect(await attack(...eager, count)).toBe(ownRows);
  expect(await attack(...eager, forge, count)).toBe("28000");
  const plan = await asSubject(pool, mallory, async (transaction) => {
    for (const statement of eager) await transaction.query(statement);
    return (await transaction.query("explain (analyze, costs off) select count(*) from secret")).rows;
  });
  expect(JSON.stringify(plan)).toMatch(/Workers Launched: [12].*Parallel Seq Scan/s);
});

test("the view's key is the newest that is good: it follows the table of keys, and without any nobody is believed", async () => {
  const administrator = await database.administrator();
  const current = async (): Promise<unknown> =>
    (await administrator.query("select id from holdfast_keeper.current_key")).rows;
  const { id } = database.prepared.claimKey;
  expect(await current()).toEqual([{ id }]);
  await administrator.query(`insert into holdfast_keeper.claim_keys (id, inner_key, outer_key)
    values ('newer', decode(repeat('01', 64), 'hex'), decode(repeat('02', 64), 'hex'))`);
  expect(await current()).toEqual([{ id: "newer" }]);
  expect(await attack(count)).toBe(ownRows); // A key that is being replaced is still good.
  await administrator.query("delete from holdfast_keeper.claim_keys where id <> 'newer'");
  expect(await attack(count)).toBe("28000");
  await administrator.query("truncate holdfast_keeper.claim_keys");
  expect(await current()).toEqual([{ id: null }]);
  expect(await attack(count)).toBe("28000");
});
