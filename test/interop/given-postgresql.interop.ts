// Our database on a PostgreSQL that is not ours: the oldest version we promise, as a distribution ships it, named by DATABASE_URL.
import { randomBytes, randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { compilePostgres } from "@holdfast/compile";
import { identityMigrations } from "@holdfast/identity";
import {
  asSubject,
  connectGiven,
  type GivenCluster,
  inspectDatabase,
  type PreparedDatabase,
  prepareDatabase,
} from "@holdfast/postgres";
import { platformMigrations } from "@holdfast/server";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import security from "../../examples/content/security.ts";
import { applyDatabase } from "../../packages/cli/src/database/apply-database.ts";

const databaseUrl = process.env["DATABASE_URL"] ?? "";
const application = {
  name: "application",
  directory: fileURLToPath(new URL("../../examples/content/migrations/", import.meta.url)),
};
const kept = new Map<string, string>();
const secrets = async (name: string): Promise<string> => {
  const secret = kept.get(name) ?? randomBytes(32).toString("base64url");
  kept.set(name, secret);
  return secret;
};
const database = `interop_${randomBytes(6).toString("hex")}`;
const person = (role: string) => ({
  sub: randomUUID(),
  role: "authenticated",
  aal: "aal1",
  session_id: randomUUID(),
  app_metadata: { roles: [role] },
});
const ada = person("reader");
const bob = person("reader");
const editor = person("editor");

let cluster: GivenCluster;
let prepared: PreparedDatabase;
let pool: ReturnType<PreparedDatabase["pool"]>;

const insert = (owner: string, title: string) => ({
  text: "insert into public.content (owner_id, title) values ($1, $2) returning id",
  values: [owner, title],
});
const titles = { text: "select title from public.content order by title", values: [] };

describe("a PostgreSQL given by DATABASE_URL", () => {
  beforeAll(async () => {
    cluster = await connectGiven(databaseUrl);
    const migrationSets = [identityMigrations, platformMigrations, application];
    prepared = await prepareDatabase(cluster, { database, secrets, migrationSets });
    pool = prepared.pool("holdfast_api");
  });

  afterAll(async () => {
    await pool?.end();
    const client = new pg.Client(cluster.settings(cluster.maintenanceDatabase));
    await client.connect();
    await client.query(`drop database if exists ${database} with (force)`);
    await client.end();
  });

  test("is of a version that is promised", () => {
    expect(cluster.version).toMatch(/^(?:1[5-9]|[2-9]\d)\./);
  });

  test("takes every migration once, and the compiled policy", async () => {
    expect(prepared.applied.length).toBeGreaterThan(3);
    const client = await prepared.administrator();
    try {
      const artifact = compilePostgres(security);
      expect((await applyDatabase(client, artifact)).changes.length).toBeGreaterThan(0);
      expect((await applyDatabase(client, artifact)).changes).toEqual([]);
    } finally {
      await client.end();
    }
  });

  test("shows a draft to its owner and to editors, and to nobody else", async () => {
    await asSubject(pool, ada, insert(ada.sub, "of ada"));
    expect((await asSubject(pool, ada, titles)).rows).toEqual([{ title: "of ada" }]);
    expect((await asSubject(pool, editor, titles)).rows).toEqual([{ title: "of ada" }]);
    expect((await asSubject(pool, bob, titles)).rows).toEqual([]);
  });

  test("lets nobody write in another's name, nor without an account", async () => {
    await expect(asSubject(pool, bob, insert(ada.sub, "forged"))).rejects.toMatchObject({ code: "database/refused" });
    await expect(asSubject(pool, null, insert(ada.sub, "forged"))).rejects.toMatchObject({ code: "database/refused" });
  });

  test("is inspected wholly, and has no error", async () => {
    const client = new pg.Client(cluster.settings(database));
    await client.connect();
    const { findings, unseen } = await inspectDatabase(client, { attacks: "reads" });
    await client.end();
    expect(unseen.filter(({ what }) => !what.endsWith("may not be read"))).toEqual([]);
    // What the server itself is set to is not ours.
    const ours = findings.filter(({ rule }) => !/^(server|host|database|role|login|password)-/.test(rule));
    expect(ours.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  test("does not believe claims that an injected statement sets", async () => {
    const seenBy = (claims: typeof ada) =>
      asSubject(pool, bob, async (transaction) => {
        await transaction.query("select set_config('request.jwt.claims', $1, true)", [JSON.stringify(claims)]);
        return (await transaction.query(titles.text)).rows;
      }).catch((error: { readonly code?: string }) => error.code);
    expect(["database/claims-refused", "database/refused"]).toContain(await seenBy(ada));
  });
});
