// PgBouncer in transaction mode between us and PostgreSQL: every transaction may meet another server process, and the processes are
// shared with a client that leaves behind what it can.
import { randomBytes } from "node:crypto";
import {
  asSubject,
  connectGiven,
  type DatabasePool,
  type GivenCluster,
  loginRoles,
  type PreparedDatabase,
  prepareDatabase,
} from "@holdfast/postgres";
import { countCrossings } from "@holdfast/postgres/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startThrowawayPooler, type ThrowawayPooler } from "./throwaway-pooler.ts";

const databaseUrl = process.env["DATABASE_URL"] ?? "";
const REQUESTS = 10_000;
const AT_ONCE = 60;
const PROCESSES = 3;
const database = `pooler_${randomBytes(6).toString("hex")}`;
const kept = new Map<string, string>();
const secrets = async (name: string): Promise<string> => {
  const secret = kept.get(name) ?? randomBytes(32).toString("base64url");
  kept.set(name, secret);
  return secret;
};
const ada = { sub: "11111111-1111-4111-8111-111111111111", role: "authenticated" };
const bob = { sub: "22222222-2222-4222-8222-222222222222", role: "authenticated" };

let direct: GivenCluster;
let pooler: ThrowawayPooler;
let prepared: PreparedDatabase;
let pool: DatabasePool;

describe("behind PgBouncer in transaction mode", () => {
  beforeAll(async () => {
    direct = await connectGiven(databaseUrl);
    await prepareDatabase(direct, { database, secrets, migrationSets: [] });
    const passwords = Object.fromEntries(
      await Promise.all(loginRoles.map(async (role) => [role, await secrets(`postgres-password-${role}`)] as const)),
    );
    const { host = "", port = 0 } = direct.settings(database);
    pooler = await startThrowawayPooler({ server: { host, port }, passwords, poolSize: PROCESSES });
    const cluster = await connectGiven(databaseUrl, pooler.url);
    prepared = await prepareDatabase(cluster, { database, secrets, migrationSets: [] });
    pool = prepared.pool("holdfast_api", { connectionsMax: 40, queueMax: AT_ONCE, queueTimeoutMs: 60_000 });
  });

  afterAll(async () => {
    await pool?.end();
    await pooler?.stop();
    const client = new pg.Client(direct.settings(direct.maintenanceDatabase));
    await client.connect();
    await client.query(`drop database if exists ${database} with (force)`);
    await client.end();
  });

  test(`${REQUESTS} requests over ${PROCESSES} processes, failing ones among them: nobody is taken for somebody else`, async () => {
    expect(await countCrossings(pool, REQUESTS, AT_ONCE)).toEqual({ requests: REQUESTS, crossings: [] });
    const { rows } = await prepared
      .pool("holdfast_api")
      .query<{ count: number }>(
        "select count(*)::int as count from pg_stat_activity where usename = 'holdfast_api' and datname = current_database()",
      );
    expect(rows[0]?.count).toBeLessThanOrEqual(PROCESSES);
  }, 120_000);

  test("a proof that was made for one process is refused by another, and without the pooled way nobody gets in", async () => {
    const unaware = prepared.pool("holdfast_api", { isBehindPooler: false });
    const text = "select auth.uid() as uid";
    await expect(asSubject(unaware, ada, { text })).rejects.toMatchObject({ code: "database/claims-refused" });
    expect((await asSubject(pool, ada, { text })).rows).toEqual([{ uid: ada.sub }]);
    await unaware.end();
  });

  test("a proof that somebody read in a request is worth nothing in another's on another process", async () => {
    const text = "select current_setting('request.jwt.claims') as claims, current_setting('holdfast.proof') as proof";
    const stolen = (await asSubject<{ claims: string; proof: string }>(pool, ada, { text })).rows[0];
    const attempts = await Promise.all(
      Array.from({ length: 40 }, () =>
        asSubject(pool, bob, async (transaction) => {
          await transaction.query(
            "select set_config('request.jwt.claims', $1, true), set_config('holdfast.proof', $2, true)",
            [stolen?.claims, stolen?.proof],
          );
          await transaction.query("select pg_sleep(0.02)");
          return (await transaction.query<{ uid: string }>("select auth.uid() as uid")).rows[0]?.uid;
        }).catch((error: { readonly code?: string }) => error.code),
      ),
    );
    // On the process it was made for it holds until it expires, as in a pool of ours: what an injection may replay there.
    expect(attempts.filter((each) => each === "database/claims-refused").length).toBeGreaterThanOrEqual(20);
    expect(new Set(attempts)).toEqual(
      new Set(["database/claims-refused", ada.sub].filter((each) => attempts.includes(each))),
    );
  });
});
