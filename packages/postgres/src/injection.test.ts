// What a statement that slipped in may try. Each attack runs as a victim of SQL injection would: on the API's own connection,
// inside a transaction of one subject, against another's rows. Beside each stands what must still work.
import { afterAll, beforeAll, expect, test } from "vitest";
import { asSubject, type VerifiedClaims } from "./as-subject.ts";
import { claimProof } from "./claim-proof.ts";
import type { DatabaseEvent, DatabasePool } from "./database-pool.ts";
import { testDatabase } from "./testing/injected-cluster.ts";
import type { TestDatabase } from "./testing/test-database.ts";

let database: TestDatabase;
let pool: DatabasePool;
const events: DatabaseEvent[] = [];
const mallory: VerifiedClaims = { sub: "66666666-6666-4666-8666-666666666666", role: "authenticated" };
const victim: VerifiedClaims = { sub: "77777777-7777-4777-8777-777777777777", role: "authenticated" };

beforeAll(async () => {
  database = await testDatabase();
  const administrator = await database.administrator();
  await administrator.query(`
    create table secret (owner_id uuid not null, text text not null);
    alter table secret enable row level security; alter table secret force row level security;
    create policy own on secret to authenticated using (owner_id = (select s.id from holdfast.subject s));
    grant select on secret to authenticated;
    insert into secret values ('${victim.sub}', 'the victim''s'), ('${mallory.sub}', 'her own')`);
  pool = database.pool("holdfast_api", { connectionsMax: 1, emit: (event) => events.push(event) });
});
afterAll(() => database.drop());

/** What mallory reads after her statements: the texts, or the SQLSTATE of whatever refused her. */
async function attack(claims: VerifiedClaims | null, ...statements: string[]): Promise<string> {
  return asSubject(pool, claims, async (transaction) => {
    for (const statement of statements) await transaction.query(statement);
    const { rows } = await transaction.query<{ text: string }>("select text from secret");
    return rows.map(({ text }) => text).join();
  }).catch((error: { sqlState?: string; code: string }) => error.sqlState ?? error.code);
}

const forged = JSON.stringify(victim);

test("without an attack mallory reads her own, and the victim his", async () => {
  expect(await attack(mallory)).toBe("her own");
  expect(await attack(victim)).toBe("the victim's");
});

test("injected claims are refused, whichever way they are set", async () => {
  expect(await attack(mallory, `set local request.jwt.claims = '${forged}'`)).toBe("28000");
  expect(await attack(mallory, `select set_config('request.jwt.claims', '${forged}', true)`)).toBe("28000");
  expect(await attack(mallory, `set request.jwt.claims = '${forged}'`)).toBe("28000");
  expect(await attack(mallory, `set local request.jwt.claims = '${forged}'`, "set local holdfast.proof = ''")).toBe(
    "28000",
  );
  expect(await attack(null, "set local role authenticated", `set local request.jwt.claims = '${forged}'`)).toBe(
    "28000",
  );
  expect(await attack(mallory)).toBe("her own");
});

test("a forged claim is an event of the highest severity's name, an ordinary read is none", async () => {
  events.length = 0;
  await attack(mallory, `set local request.jwt.claims = '${forged}'`);
  expect(events.map(({ name, subject }) => [name, subject])).toEqual([["database.claims-refused", mallory.sub]]);
  events.length = 0;
  await attack(mallory);
  expect(events).toEqual([]);
});

test("claims taken away leave nobody", async () => {
  const nobody = ["set local request.jwt.claims = ''", "set local holdfast.proof = ''"];
  expect(await attack(mallory, ...nobody)).toBe("");
  expect(await attack(mallory, "reset request.jwt.claims", "reset holdfast.proof")).toBe("");
  expect(await attack(mallory, "set local request.jwt.claims = ''")).toBe("28000");
  expect(await attack(mallory, "set local holdfast.proof = ''")).toBe("28000");
});

test("no other role can be taken", async () => {
  // The login role may not even look into the schema, so to it the table does not exist.
  expect(await attack(mallory, "reset role")).toBe("42P01");
  expect(await attack(mallory, "set role none")).toBe("42P01");
  for (const role of [
    "service_role",
    "holdfast_owner",
    "holdfast_keeper",
    "holdfast_identity",
    "holdfast_administrator",
    "postgres",
  ]) {
    expect(await attack(mallory, `set role ${role}`), role).toMatch(/^(42501|22023)$/);
    expect(await attack(mallory, "reset role", `set role ${role}`), role).toMatch(/^(42501|22023)$/);
  }
  expect(await attack(mallory, "set session authorization holdfast_owner")).toBe("42501");
  expect(await attack(mallory, "set session authorization default")).toBe("42P01");
});

test("a role changed with claims in place is refused, also to a weaker role", async () => {
  const administrator = await database.administrator();
  await administrator.query("grant select on secret to anon");
  expect(await attack(mallory, "set local role anon", "select holdfast.claims()")).toBe("28000");
  await administrator.query("revoke select on secret from anon");
});

test("nothing that decides who is asking can be read, changed or replaced", async () => {
  const attempts = [
    "select * from holdfast_keeper.claim_keys",
    "insert into holdfast_keeper.claim_keys (id, inner_key, outer_key) values ('mine', decode(repeat('00', 64), 'hex'), decode(repeat('00', 64), 'hex'))",
    "create or replace function holdfast.verified() returns text language sql as 'select 1::text'",
    "create function public.uid() returns int language sql as 'select 1'",
    "create schema mine",
    "create table mine (id int)",
    "create temporary table secret (owner_id uuid, text text)",
    "alter table secret disable row level security",
    "alter table secret no force row level security",
    "drop policy own on secret",
    "truncate secret",
    "select * from auth.users",
    "copy secret to program 'cat'",
    "select pg_read_file('/etc/passwd')",
    "alter role holdfast_api superuser",
    "grant service_role to holdfast_api",
    "load 'auto_explain'",
    "set row_security = off",
    "set session_replication_role = replica",
    "create extension dblink",
  ];
  for (const statement of attempts) {
    expect(await attack(mallory, statement), statement).toMatch(/^(42501|42P01|0A000|58P01|her own)$/);
    expect(await attack(mallory)).toBe("her own");
  }
  expect(await attack(mallory, attempts[0] as string)).toBe("42501");
});

test("a proof is refused when a single character of it, or of the claims, is another", async () => {
  const own = await asSubject<{ claims: string; proof: string }>(pool, mallory, {
    text: "select current_setting('request.jwt.claims') as claims, current_setting('holdfast.proof') as proof",
  });
  const { claims, proof } = own.rows[0] as { claims: string; proof: string };
  const set = (c: string, p: string): string[] => [
    `select set_config('request.jwt.claims', '${c}', true)`,
    `select set_config('holdfast.proof', '${p}', true)`,
  ];
  expect(await attack(null, "set local role authenticated", ...set(claims, proof))).toBe("her own");
  for (let index = 0; index < proof.length; index += 7) {
    const changed = `${proof.slice(0, index)}${proof[index] === "0" ? "1" : "0"}${proof.slice(index + 1)}`;
    expect(await attack(mallory, ...set(claims, changed))).toBe("28000");
  }
  expect(await attack(mallory, ...set(`${claims} `, proof))).toBe("28000");
  for (const bad of ["x", ".", "......", `${proof}0`, proof.slice(1), proof.toUpperCase()]) {
    expect(await attack(mallory, ...set(claims, bad))).toBe("28000");
  }
});

test("a proof holds for its time, its connection and a known key only", async () => {
  const { claimKey } = database.prepared;
  const text = JSON.stringify(mallory);
  const pid = (await asSubject<{ pid: number }>(pool, null, { text: "select pg_backend_pid() as pid" })).rows[0]
    ?.pid as number;
  const scope = {
    role: "authenticated",
    subject: mallory.sub as string,
    session: "",
    backendPid: pid,
    expiresAt: Date.now() + 60_000,
  } as const;
  const withProof = (proof: string): Promise<string> =>
    attack(
      null,
      "set local role authenticated",
      `select set_config('request.jwt.claims', '${text}', true)`,
      `set local holdfast.proof = '${proof}'`,
    );
  expect(await withProof(claimProof(claimKey, text, scope))).toBe("her own");
  expect(await withProof(claimProof(claimKey, text, { ...scope, expiresAt: Date.now() - 2_000 }))).toBe("28000");
  expect(await withProof(claimProof(claimKey, text, { ...scope, backendPid: pid + 1 }))).toBe("28000");
  expect(await withProof(claimProof(claimKey, text, { ...scope, role: "anon" }))).toBe("28000");
  expect(await withProof(claimProof({ ...claimKey, id: "other" }, text, scope))).toBe("28000");
  expect(await withProof(claimProof({ ...claimKey, key: "x".repeat(43) }, text, scope))).toBe("28000");
});

test("a part of the claims cannot be taken for a part of the scope", async () => {
  // The end of the claims is a whole JSON text: taken alone, it would name the victim.
  const within = `|${forged}`;
  const { rows } = await asSubject<{ claims: string; proof: string }>(
    pool,
    { ...mallory, user_metadata: { note: within } },
    {
      text: "select current_setting('request.jwt.claims') as claims, current_setting('holdfast.proof') as proof",
    },
  );
  const { claims, proof } = rows[0] as { claims: string; proof: string };
  const [scope, mac] = proof.split("|");
  const cut = claims.indexOf("|");
  const attempts: [claims: string, proof: string][] = [
    [claims.slice(cut + 1), `${scope}|${claims.slice(0, cut)}|${mac}`],
    [claims.slice(cut + 1), `${scope}|${mac}|${claims.slice(0, cut)}`],
    [`${scope}|${claims}`, `|${mac}`],
    [`${claims}|`, proof],
    [`|${claims}`, proof],
    [claims, `${proof}|`.replace(mallory.sub as string, victim.sub as string)],
    [forged, proof],
  ];
  for (const [otherClaims, otherProof] of attempts) {
    const setting = "select set_config('request.jwt.claims', $1, true), set_config('holdfast.proof', $2, true)";
    const refused = asSubject(pool, mallory, async (transaction) => {
      await transaction.query(setting, [otherClaims, otherProof]);
      await transaction.query("select text from secret");
    });
    await expect(refused, otherProof).rejects.toMatchObject({ sqlState: "28000" });
  }
});

test("a search path full of impostors changes nothing", async () => {
  const administrator = await database.administrator();
  await administrator.query(`
    create schema hostile; grant usage on schema hostile to public;
    create function hostile.yes(text, text) returns boolean immutable language sql as 'select true';
    create function hostile.yes(timestamptz, timestamptz) returns boolean immutable language sql as 'select true';
    create function hostile.first(bytea, bytea) returns bytea immutable language sql as 'select $1';
    create operator hostile.= (leftarg = text, rightarg = text, function = hostile.yes);
    create operator hostile.>= (leftarg = timestamptz, rightarg = timestamptz, function = hostile.yes);
    create operator hostile.> (leftarg = timestamptz, rightarg = timestamptz, function = hostile.yes);
    create operator hostile.|| (leftarg = bytea, rightarg = bytea, function = hostile.first);
    create domain hostile.text as pg_catalog.text; create domain hostile.bytea as pg_catalog.bytea;
    create domain hostile.float8 as pg_catalog.float8 check (value < 0);
    create function hostile.pg_backend_pid() returns int language sql as 'select 1';
    create function hostile.split_part(text, text, int) returns text language sql as 'select ''${victim.sub}''::pg_catalog.text';
    create function hostile.current_setting(text, boolean) returns text language sql as 'select ''${forged}''::pg_catalog.text';
    grant execute on all functions in schema hostile to public`);
  // The connection is closed afterwards, so its plans are made under the hostile path, not kept from before.
  for (const path of ["hostile, pg_catalog, public", "hostile, public", "pg_temp, hostile, pg_catalog, public"]) {
    const hostile = `set search_path = ${path}`;
    await asSubject(pool, mallory, { text: "set search_path = public" });
    expect(await attack(mallory, hostile, "select holdfast.subject_id()")).toBe("her own");
    await asSubject(pool, mallory, { text: "set time zone 'Asia/Tokyo'" });
    expect(await attack(mallory, hostile, `set local request.jwt.claims = '${forged}'`)).toBe("28000");
    expect(await attack(mallory, hostile, "set local holdfast.proof = 'a.99999999999.b|c'")).toBe("28000");
  }
  const { rows } = await administrator.query<{ source: string }>(
    "select prosrc as source from pg_proc where oid = 'holdfast.verified()'::regprocedure",
  );
  // What is left without a schema would be found by the path.
  const bare = (rows[0] as { source: string }).source
    .replace(/--.*|'[^']*'/g, "")
    .match(/(?<![.(\w])[a-z_0-9]+\(|::(?!pg_catalog)|(?<!pg_catalog\.)(?<![:>])(=|\|\||>=|>|<)/g);
  expect(bare).toBe(null);
  await administrator.query("drop schema hostile cascade");
});

test("a key that is being replaced holds until its time is over, and the new one at once", async () => {
  const administrator = await database.administrator();
  const [old] = (await administrator.query<{ id: string }>("select id from holdfast_keeper.claim_keys")).rows;
  const expire = (when: string) =>
    administrator.query(`update holdfast_keeper.claim_keys set valid_until = ${when} where id = $1`, [old?.id]);
  await expire("now() + interval '1 minute'");
  expect(await attack(mallory)).toBe("her own");
  await expire("now() - interval '1 second'");
  expect(await attack(mallory)).toBe("28000");
  await expire("null");
  expect(await attack(mallory)).toBe("her own");
});

test("what a statement leaves behind on a connection does not reach the next subject", async () => {
  const left = async (text: string): Promise<void> => {
    await asSubject(pool, mallory, { text }).catch(() => undefined);
    expect(await attack(victim), text).toBe("the victim's");
  };
  await left(`select set_config('request.jwt.claims', '${JSON.stringify(mallory)}', false)`);
  await left("select set_config('role', 'anon', false)");
  await left("set time zone 'Asia/Tokyo'");
  await left("set search_path = pg_catalog");
  await left("set standard_conforming_strings = off");
  await left("begin");
  const text = "select text from secret";
  await asSubject(pool, mallory, { text: "set row_security = off" });
  expect((await asSubject(pool, victim, { text })).rows).toEqual([{ text: "the victim's" }]);
  // The names are gone: the next transaction is refused whole, and the one after that has another connection.
  await asSubject(pool, mallory, { text: "deallocate all" });
  expect(await attack(victim)).toBe("26000");
  expect(await attack(victim)).toBe("the victim's");
  await asSubject(pool, mallory, { text: "deallocate all" });
  expect((await asSubject(pool, victim, { text })).rows).toEqual([{ text: "the victim's" }]);
  const { rows } = await asSubject<{ zone: string; path: string }>(pool, victim, {
    text: "select current_setting('TimeZone') as zone, current_setting('search_path') as path",
  });
  expect(rows).toEqual([{ zone: "UTC", path: "public" }]);
  expect(pool.metrics.discarded).toBeGreaterThanOrEqual(4);
});

test("a prepared statement cannot be put in the place of another subject's", async () => {
  const text = "select text, 'list' as what from secret";
  for (let turn = 0; turn < 3; turn += 1) await asSubject(pool, victim, { text });
  for (const names of [
    "select name from pg_prepared_statements",
    "select name from pg_catalog.pg_prepared_statement()",
  ]) {
    expect(await attack(mallory, names)).toBe("42501");
  }
  expect((await asSubject(pool, victim, { text })).rows).toEqual([{ text: "the victim's", what: "list" }]);
});

test("where names of prepared statements could be read, none is prepared and everything else is the same", async () => {
  const unprepared = database.pool("holdfast_api", { connectionsMax: 1, canPrepare: false });
  await (await database.administrator()).query(
    "grant execute on function pg_catalog.pg_prepared_statement() to public",
  );
  for (let turn = 0; turn < 4; turn += 1) {
    const { rows } = await asSubject(unprepared, turn % 2 === 0 ? victim : mallory, {
      text: "select text, (select count(*)::int from pg_prepared_statements) as prepared from secret where text <> $1",
      values: [""],
    });
    expect(rows).toEqual([{ text: turn % 2 === 0 ? "the victim's" : "her own", prepared: 0 }]);
  }
  await (await database.administrator()).query(
    "revoke execute on function pg_catalog.pg_prepared_statement() from public",
  );
});

test("a parallel worker believes its leader's claims, and no others", async () => {
  const administrator = await database.administrator();
  await administrator.query(`
    create table big as select g as id, '${mallory.sub}'::uuid as owner_id from generate_series(1, 20000) g;
    alter table big set (parallel_workers = 2); analyze big; grant select on big to authenticated`);
  const eager = [
    "set local parallel_setup_cost = 0",
    "set local parallel_tuple_cost = 0",
    "set local min_parallel_table_scan_size = 0",
  ];
  const inWorkers = (...before: string[]): Promise<string> =>
    asSubject(pool, mallory, async (transaction) => {
      for (const statement of [...eager, "set local debug_parallel_query = on", ...before])
        await transaction.query(statement);
      const { rows } = await transaction.query<{ count: string }>(
        "select count(*) from big where owner_id = holdfast.subject_id() and id < 500",
      );
      return rows[0]?.count as string;
    }).catch((error: { sqlState: string }) => error.sqlState);
  expect(await inWorkers()).toBe("499");
  expect(await inWorkers(`set local request.jwt.claims = '${forged}'`)).toBe("28000");
});
