import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PlatformDatabase, platformDatabase } from "../testing/platform-database.ts";

let database: PlatformDatabase;

beforeAll(async () => {
  database = await platformDatabase();
});
afterAll(() => database.drop());

describe("the schema of the logs", () => {
  test("its own role may read and add, and nothing else", async () => {
    const rows = await database.administer(`
      SELECT table_name AS log, string_agg(privilege_type, ' ' ORDER BY privilege_type) AS rights
      FROM information_schema.role_table_grants
      WHERE table_schema = 'platform' AND grantee = 'holdfast_platform' GROUP BY table_name ORDER BY table_name`);
    expect(rows).toEqual([
      { log: "alert_log", rights: "INSERT SELECT" },
      // Sizes that are too old to foretell anything are removed.
      { log: "database_size", rights: "DELETE INSERT SELECT" },
      ...["event", "evidence"].map((log) => ({ log, rights: "INSERT SELECT" })),
      // The rows of the last week; what they prove is in the copies that were restored.
      { log: "heartbeat", rights: "DELETE INSERT SELECT" },
      { log: "incident_log", rights: "INSERT SELECT" },
      // A canary whose key was rotated away is replaced.
      { log: "sealed_canary", rights: "INSERT SELECT UPDATE" },
      { log: "turn", rights: "SELECT UPDATE" },
    ]);
    // That UPDATE is there to lock a row; to write into it is refused.
    const change = "SET ROLE holdfast_platform; UPDATE platform.turn SET log = log";
    await expect(database.administer(change)).rejects.toThrow("append-only");
    await database.administer("RESET ROLE");
  });

  test("no other role may do anything there", async () => {
    const rows = await database.administer(`
      SELECT DISTINCT grantee FROM information_schema.role_table_grants
      WHERE table_schema = 'platform' AND grantee NOT IN ('holdfast_platform', current_user)`);
    expect(rows).toEqual([]);
  });

  test.each([
    "DROP SCHEMA platform CASCADE",
    "ALTER TABLE platform.event DISABLE TRIGGER ALL",
    "SELECT FROM platform.event",
  ])("the role that application migrations run as is refused %s", async (statement) => {
    const attempt = database.administer(`SET ROLE holdfast_owner; ${statement}`);
    await expect(attempt).rejects.toThrow(/must be owner|permission denied/);
    await database.administer("RESET ROLE");
  });

  test("a session that plays a replica does not get around the triggers", async () => {
    const attempt = database.administer("SET session_replication_role = replica; TRUNCATE platform.event");
    await expect(attempt).rejects.toThrow(/append-only/);
    await database.administer("RESET session_replication_role");
  });

  test("a column that is read for a search cannot say something else than the body", async () => {
    const attempt = database.administer(
      "INSERT INTO platform.event (seq, body, previous_hash, hash, name) VALUES (1, '{}', '', '', 'x')",
    );
    await expect(attempt).rejects.toThrow(/generated|non-DEFAULT/);
  });
});
