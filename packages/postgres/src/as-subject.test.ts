import { afterAll, beforeAll, expect, test } from "vitest";
import { asSubject, type VerifiedClaims } from "./as-subject.ts";
import type { DatabaseEvent, DatabasePool } from "./database-pool.ts";
import { testDatabase } from "./testing/injected-cluster.ts";
import type { TestDatabase } from "./testing/test-database.ts";

let database: TestDatabase;
let pool: DatabasePool;
const events: DatabaseEvent[] = [];
const NOW = Date.now();

const alice: VerifiedClaims = {
  sub: "11111111-1111-4111-8111-111111111111",
  role: "authenticated",
  aal: "aal2",
  email: "alice@example.com",
  session_id: "33333333-3333-4333-8333-333333333333",
  app_metadata: { roles: ["editor", "reader"] },
  user_metadata: { roles: ["admin"] },
};
const bob: VerifiedClaims = { sub: "22222222-2222-4222-8222-222222222222", role: "authenticated", aal: "aal1" };

beforeAll(async () => {
  database = await testDatabase();
  const administrator = await database.administrator();
  await administrator.query(`
    create table note (id int primary key, owner_id uuid not null, text text not null check (text <> 'bad'));
    alter table note enable row level security; alter table note force row level security;
    create policy own on note to authenticated using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
    grant select, insert, update, delete on note to authenticated;
    create table closed (id int);
    insert into note values (1, '${alice.sub}', 'hers'), (2, '${bob.sub}', 'his')`);
  pool = database.pool("holdfast_api", { connectionsMax: 2, emit: (event) => events.push(event), now: () => NOW });
});
afterAll(() => database.drop());

const failure = (promise: Promise<unknown>): Promise<{ code?: string; sqlState?: string; message?: string }> =>
  promise.then(
    () => ({ code: "no error" }),
    (error: { code?: string }) => error,
  );
const notes = (claims: VerifiedClaims | null): Promise<number[]> =>
  asSubject<{ id: number }>(pool, claims, { text: "select id from note order by id" }).then(({ rows }) =>
    rows.map(({ id }) => id),
  );

test("a statement runs as the subject, and the Supabase functions read verified claims", async () => {
  const { rows, rowCount, fields } = await asSubject(pool, alice, {
    text: `select auth.uid() as uid, auth.role() as role, auth.email() as email, auth.jwt() ->> 'sub' as sub, current_user as who,
             holdfast.subject_id() as subject, holdfast.session_id() as session, holdfast.roles() as roles,
             holdfast.is_aal2() as aal2, holdfast.is_service() as service, $1::int + 1 as sum`,
    values: [41],
  });
  expect(rowCount).toBe(1);
  expect(fields.map((field) => field.name)).toContain("uid");
  expect(rows).toEqual([
    {
      uid: alice.sub,
      role: "authenticated",
      email: "alice@example.com",
      sub: alice.sub,
      who: "authenticated",
      subject: alice.sub,
      session: alice.session_id,
      roles: ["editor", "reader"],
      aal2: true,
      service: false,
      sum: 42,
    },
  ]);
});

test("without claims everything is nobody: anon, NULL, no roles", async () => {
  const text = `select current_user as who, auth.uid() as uid, auth.role() as role, auth.jwt() as jwt, holdfast.claims() as claims,
                  holdfast.roles() as roles, holdfast.is_aal2() as aal2, holdfast.is_service() as service`;
  const nobody = {
    who: "anon",
    uid: null,
    role: "anon",
    jwt: null,
    claims: null,
    roles: [],
    aal2: false,
    service: false,
  };
  expect((await asSubject(pool, null, { text })).rows).toEqual([nobody]);
  await notes(alice); // What was set for somebody before is '' on that connection now, not NULL.
  await notes(alice);
  expect((await asSubject(pool, null, { text })).rows).toEqual([nobody]);
});

test("a service's claims have no subject and run as anon, and are known as a service's", async () => {
  const claims = { role: "service_role", aud: "authenticated" };
  const { rows } = await asSubject(pool, claims, {
    text: "select current_user as who, auth.uid() as uid, holdfast.is_service() as service",
  });
  expect(rows).toEqual([{ who: "anon", uid: null, service: true }]);
});

test("each subject sees and changes only what the policy gives it", async () => {
  expect(await notes(alice)).toEqual([1]);
  expect(await notes(bob)).toEqual([2]);
  expect((await asSubject(pool, alice, { text: "update note set text = 'x' where id = 2" })).rowCount).toBe(0);
  expect(await failure(notes(null))).toMatchObject({ code: "database/refused", sqlState: "42501" });
});

test("a refusal is told by code and event, without values; success tells nothing", async () => {
  events.length = 0;
  const about = { requestId: "r1", correlation: "c1", route: "POST /api/notes", service: "api" };
  const insert = { text: "insert into note values ($1, $2, $3)", values: [3, bob.sub, "secret text"] };
  const error = await failure(asSubject(pool, alice, insert, about));
  expect(error).toMatchObject({ code: "database/refused", sqlState: "42501" });
  expect(error.message).not.toContain("secret text");
  expect(events).toEqual([
    {
      ...about,
      name: "database.refused",
      at: NOW,
      reason: "refused",
      subject: alice.sub,
      sessionId: alice.session_id,
      detail: { sqlState: "42501" },
    },
  ]);
  await asSubject(pool, bob, insert, about);
  await asSubject(pool, bob, { text: "delete from note where id = 3" });
  expect(events).toHaveLength(1);
});

test("an error in a pipeline rolls everything back and leaves the connection usable", async () => {
  for (let turn = 0; turn < 5; turn += 1) {
    expect(
      await failure(asSubject(pool, alice, { text: "insert into note values (1, $1, 'x')", values: [alice.sub] })),
    ).toMatchObject({
      code: "database/constraint-broken",
      sqlState: "23505",
    });
    expect((await failure(asSubject(pool, alice, { text: "select nonsense" }))).code).toBe("database/failed");
    expect((await failure(asSubject(pool, alice, { text: "select 'x'::uuid" }))).code).toBe("database/input-invalid");
  }
  expect(await notes(alice)).toEqual([1]);
  expect(pool.metrics.discarded).toBe(0);
});

test("a second statement in one text is refused by the protocol", async () => {
  const error = await failure(asSubject(pool, alice, { text: "select 1; reset role" }));
  expect(error).toMatchObject({ code: "database/failed", sqlState: "42601" });
});

test("several statements share one transaction, which is rolled back when the work throws", async () => {
  const value = await asSubject(pool, alice, async (transaction) => {
    await transaction.query("insert into note values (10, $1, 'a')", [alice.sub]);
    const { rows } = await transaction.query<{ count: string }>("select count(*) from note");
    return rows[0]?.count;
  });
  expect(value).toBe("2");
  const thrown = new Error("changed my mind");
  await expect(
    asSubject(pool, alice, async (transaction) => {
      await transaction.query("delete from note where id = 10");
      throw thrown;
    }),
  ).rejects.toBe(thrown);
  expect(await notes(alice)).toEqual([1, 10]);
  await asSubject(pool, alice, { text: "delete from note where id = 10" });
});

test("a transaction of no statements does nothing", async () => {
  expect(await asSubject(pool, alice, async () => "nothing")).toBe("nothing");
});

test("a failed statement whose error is dropped does not pass for a commit", async () => {
  const dropped = asSubject(pool, alice, async (transaction) => {
    await transaction.query("insert into note values (11, $1, 'a')", [alice.sub]);
    await transaction.query("insert into note values (11, $1, 'a')", [alice.sub]).catch(() => undefined);
  });
  expect((await failure(dropped)).code).toBe("database/transaction-over");
  expect(await notes(alice)).toEqual([1]);
});

test("a statement that ends the transaction is refused, and so is one that comes after it", async () => {
  for (const text of ["commit", "rollback"]) {
    const early = asSubject(pool, alice, async (transaction) => {
      await transaction.query("select 1");
      await transaction.query(text);
    });
    expect((await failure(early)).code).toBe("database/transaction-over");
  }
  let kept: { query(text: string): Promise<unknown> } | undefined;
  await asSubject(pool, alice, async (transaction) => {
    kept = transaction;
    await transaction.query("select 1");
  });
  expect((await failure((kept as NonNullable<typeof kept>).query("select 1"))).code).toBe("database/transaction-over");
  expect(await notes(alice)).toEqual([1]);
});

test("claims that no verifier would return are refused before anything is sent", async () => {
  const wrong: unknown[] = [
    { sub: "x" },
    { sub: 5 },
    { sub: `${alice.sub}.x` },
    { x: "y".repeat(20_000) },
    "claims",
    7,
  ];
  for (const claims of wrong)
    expect((await failure(notes(claims as VerifiedClaims))).code).toBe("database/claims-invalid");
  await expect(asSubject(pool, alice, { text: 5 } as never)).rejects.toThrow(TypeError);
});

test("a table that changed under a prepared statement costs a second try, not an error", async () => {
  const administrator = await database.administrator();
  const wide = (): Promise<unknown[]> =>
    asSubject(pool, alice, { text: "select * from note" }).then(({ rows }) => rows);
  for (let turn = 0; turn < 6; turn += 1) await wide();
  await administrator.query("alter table note add column extra int default 7");
  for (let turn = 0; turn < 6; turn += 1) expect(await wide()).toEqual([expect.objectContaining({ id: 1, extra: 7 })]);
});

test("results of one prepared statement have the same fields each time, and share nothing that can be changed", async () => {
  const small = database.pool("holdfast_api", { connectionsMax: 1 });
  const text = "select id, text, null::int as nothing from note where id = $1";
  const ask = (id: number) => asSubject(small, alice, { text, values: [id] });
  const first = await ask(1);
  for (let turn = 0; turn < 4; turn += 1) {
    const result = await ask(1);
    expect(result.rows).toEqual(first.rows);
    expect(result.fields.map(({ name, dataTypeID }) => [name, dataTypeID])).toEqual(
      first.fields.map(({ name, dataTypeID }) => [name, dataTypeID]),
    );
    (result.rows[0] as { text: string }).text = "changed";
    expect(() => (result.fields as unknown[]).push(1)).toThrow(turn === 0 ? undefined : TypeError);
    expect(await ask(2)).toMatchObject({ rows: [], rowCount: 0, command: "SELECT" });
  }
  const insert = { text: "update note set text = text where id = $1", values: [1] };
  for (let turn = 0; turn < 4; turn += 1) {
    expect(await asSubject(small, alice, insert)).toMatchObject({
      rows: [],
      fields: [],
      rowCount: 1,
      command: "UPDATE",
    });
  }
  for (let turn = 0; turn < 4; turn += 1) {
    const lost = asSubject(small, alice, { text: "select 1 / $1::int as n", values: [turn % 2] });
    if (turn % 2 === 0) await expect(lost).rejects.toMatchObject({ sqlState: "22012" });
    else expect((await lost).rows).toEqual([{ n: 1 }]);
  }
});

test("a column that was renamed has its new name in the next result", async () => {
  const administrator = await database.administrator();
  await administrator.query(
    "create table named (before int); insert into named values (1); grant select on named to authenticated",
  );
  const all = (): Promise<unknown[]> =>
    asSubject(pool, alice, { text: "select * from named" }).then(({ rows }) => rows);
  for (let turn = 0; turn < 12; turn += 1) expect(await all()).toEqual([{ before: 1 }]);
  await administrator.query("alter table named rename before to after");
  for (let turn = 0; turn < 12; turn += 1) expect(await all()).toEqual([{ after: 1 }]);
});

test("the same FETCH gives the columns of whatever its cursor is", async () => {
  const small = database.pool("holdfast_api", { connectionsMax: 1 });
  for (let turn = 0; turn < 6; turn += 1) {
    const columns = turn % 2 === 0 ? "1 as a" : "'x' as b, 2 as c";
    const rows = await asSubject(small, alice, async (transaction) => {
      await transaction.query(`declare list cursor for select ${columns}`);
      return (await transaction.query("fetch 1 from list")).rows;
    });
    expect(rows).toEqual([turn % 2 === 0 ? { a: 1 } : { b: "x", c: 2 }]);
  }
});

test("more texts than a connection prepares still run", async () => {
  for (let round = 0; round < 2; round += 1) {
    for (let index = 0; index < 230; index += 1) {
      const { rows } = await asSubject<{ n: number }>(pool, alice, {
        text: `select ${index} as n, $1::int as m`,
        values: [1],
      });
      expect(rows[0]?.n).toBe(index);
    }
  }
});
