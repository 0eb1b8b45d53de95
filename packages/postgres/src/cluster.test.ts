import pg from "pg";
import { expect, inject, test } from "vitest";
import { settingsAt } from "./testing/test-cluster.ts";

test("the cluster of the test run is PostgreSQL 18 with data checksums", async () => {
  const client = new pg.Client(settingsAt(inject("holdfastCluster"), "postgres"));
  await client.connect();
  const { rows } = await client.query(
    "select current_setting('data_checksums') as sums, current_setting('server_version') as version",
  );
  await client.end();
  expect(rows[0].sums).toBe("on");
  expect(rows[0].version).toMatch(/^18/);
});
