import { compilePostgres } from "@holdfast/compile";
import { defineSecurity, owner } from "@holdfast/policy";
import { asSubject } from "@holdfast/postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Laboratory, openLaboratory } from "../../testdata/database/laboratory.ts";
import { applyDatabase, applyPolicy } from "./apply-database.ts";
import { comparePolicy } from "./plan-database.ts";

const ada = "aaaaaaaa-0000-4000-8000-000000000001";
const boss = "bbbbbbbb-0000-4000-8000-000000000001";
const sealedBytes = `\\x0101${"ab".repeat(110)}`;

const policyOf = (isAudited: boolean) =>
  compilePostgres(
    defineSecurity({
      application: { name: "letters", origin: "https://localhost:8443" },
      roles: { admin: { requires: "aal2" } },
      tables: {
        letters: {
          audited: isAudited,
          columns: {
            id: "uuid",
            owner_id: "uuid",
            status: "text",
            body: { type: "text", nullable: true, sealed: true },
          },
          select: owner("owner_id"),
          insert: owner("owner_id"),
          update: owner("owner_id"),
          delete: owner("owner_id"),
        },
      },
    }),
  );

let laboratory: Laboratory;

beforeAll(async () => {
  laboratory = await openLaboratory();
  await laboratory.client.query(
    `CREATE TABLE public.letters (id uuid PRIMARY KEY, owner_id uuid NOT NULL, status text NOT NULL, body holdfast.sealed)`,
  );
  await applyDatabase(laboratory.client, policyOf(true));
});

afterAll(async () => {
  await laboratory.database.drop();
});

const claims = {
  sub: ada,
  act: { sub: boss },
  role: "authenticated",
  aal: "aal1",
  exp: Math.floor(Date.now() / 1_000) + 60,
  app_metadata: { roles: [] },
};

const leaves = async () =>
  (
    await laboratory.client.query<{ entry: string; hash: string; salt: Buffer }>(
      "SELECT entry, encode(hash, 'hex') AS hash, salt FROM holdfast_keeper.audit_leaves ORDER BY transaction, id",
    )
  ).rows;

const id = "cccccccc-0000-4000-8000-000000000001";

describe("an audited table", () => {
  test("keeps who changed which row and columns, and neither a value nor the hash of a sealed one", async () => {
    const pool = laboratory.database.pool();
    const run = (text: string) => asSubject(pool, claims, { text, values: [] });
    await run(
      `INSERT INTO public.letters (id, owner_id, status, body) VALUES ('${id}', '${ada}', 'open', '${sealedBytes}')`,
    );
    await run(`UPDATE public.letters SET status = 'closed' WHERE id = '${id}'`);
    await run(`UPDATE public.letters SET body = '${sealedBytes}00' WHERE id = '${id}'`);
    await run(`DELETE FROM public.letters WHERE id = '${id}'`);
    await expect(
      run(`INSERT INTO public.letters (id, owner_id, status) VALUES ('${id}', '${boss}', 'x')`),
    ).rejects.toThrow();
    await laboratory.client.query("TRUNCATE public.letters");
    const kept = await leaves();
    const entries = kept.map(({ entry }) => JSON.parse(entry));
    const who = { table: "public.letters", key: id, subject: ada, actor: boss, role: "authenticated" };
    expect(entries).toMatchObject([
      { ...who, action: "insert", before: null, columns: null },
      { ...who, action: "update", columns: ["status"] },
      { ...who, action: "update", columns: ["body"] },
      { ...who, action: "delete", after: null },
      { action: "truncate", key: null, subject: null, before: null, after: null },
    ]);
    // The sealed column changed, and the hash of the rest did not depend on it: with the same salt it is the same.
    expect(new Set(kept.map(({ salt }) => salt.toString("hex"))).size).toBe(kept.length);
    expect(JSON.stringify(entries)).not.toMatch(/closed|abab/);
    const { rows } = await laboratory.client.query<{ hash: string }>(
      `SELECT encode(sha256($1 || convert_to(jsonb_build_object('id', $2::text, 'owner_id', $3::text, 'status', 'closed')::text, 'UTF8')), 'hex') AS hash`,
      [kept[2]?.salt, id, ada],
    );
    expect(entries[2].after).toBe(rows[0]?.hash);
  });

  test("takes no change whose claims do not verify, and leaves nothing of a transaction that was undone", async () => {
    const before = (await leaves()).length;
    const { client } = laboratory;
    await client.query("BEGIN");
    await client.query(`INSERT INTO public.letters (id, owner_id, status) VALUES ('${id}', '${ada}', 'open')`);
    expect(await leaves()).toHaveLength(before + 1);
    await client.query("SET LOCAL request.jwt.claims = '{}'");
    await expect(client.query("UPDATE public.letters SET status = 'x'")).rejects.toMatchObject({ code: "28000" });
    await client.query("ROLLBACK");
    expect(await leaves()).toHaveLength(before);
  });

  test.each([
    "anon",
    "authenticated",
    "service_role",
    "holdfast_api",
    "holdfast_identity",
    "holdfast_platform",
    "holdfast_owner",
  ])("%s can neither change nor remove nor forge a leaf", async (role) => {
    for (const sql of [
      "UPDATE holdfast_keeper.audit_leaves SET entry = ''",
      "DELETE FROM holdfast_keeper.audit_leaves",
      "TRUNCATE holdfast_keeper.audit_leaves",
      "INSERT INTO holdfast_keeper.audit_leaves (entry, salt, hash) VALUES ('', '', '')",
      "UPDATE holdfast_keeper.audit_positions SET position = 7",
      "DELETE FROM holdfast_keeper.audit_checkpoints",
    ]) {
      await laboratory.client.query("BEGIN");
      await laboratory.client.query(`SET LOCAL ROLE ${role}`);
      await expect(laboratory.client.query(sql)).rejects.toMatchObject({ code: "42501" });
      await laboratory.client.query("ROLLBACK");
    }
  });
});

describe("drift of the audit", () => {
  beforeEach(() => laboratory.client.query("BEGIN"));
  afterEach(() => laboratory.client.query("ROLLBACK"));
  const codes = async (artifact = policyOf(true)) =>
    (await comparePolicy(laboratory.client, artifact)).changes.map(({ code }) => code);

  test.each([
    "DROP TRIGGER holdfast_audit ON public.letters",
    "ALTER TABLE public.letters DISABLE TRIGGER holdfast_audit",
    "ALTER TABLE public.letters DISABLE TRIGGER holdfast_audit_truncate",
    "CREATE OR REPLACE TRIGGER holdfast_audit AFTER INSERT ON public.letters FOR EACH ROW EXECUTE FUNCTION holdfast.audit_row('id', 'body')",
    "CREATE OR REPLACE TRIGGER holdfast_audit AFTER INSERT OR UPDATE OR DELETE ON public.letters FOR EACH ROW WHEN (false) EXECUTE FUNCTION holdfast.audit_row('id', 'body')",
  ])("%s is found and mended", async (sql) => {
    expect(await codes()).toEqual([]);
    await laboratory.client.query(sql);
    expect(await codes()).toEqual(["drift/audit-trigger"]);
    await applyPolicy(laboratory.client, policyOf(true));
    expect(await codes()).toEqual([]);
  });

  test("a table that is audited no longer loses its triggers", async () => {
    expect(await codes(policyOf(false))).toEqual([
      "drift/audit-unexpected",
      "drift/audit-unexpected",
      "drift/manifest",
    ]);
    await applyPolicy(laboratory.client, policyOf(false));
    expect(await codes(policyOf(false))).toEqual([]);
  });
});
