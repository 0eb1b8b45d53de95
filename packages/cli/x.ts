import { readFileSync } from "node:fs";
import { compilePostgres } from "@holdfast/compile";
import { startTestCluster, testDatabaseAt } from "@holdfast/postgres/testing";
import { contentPolicy } from "../compile/testdata/content/policy.ts";
import { applyDatabase } from "./src/database/apply-database.ts";
import { findDrift } from "./src/database/find-drift.ts";

const cluster = await startTestCluster();
try {
  const db = await testDatabaseAt(cluster.address);
  const c = await db.administrator();
  await c.query(
    `create role managed login createrole createdb noinherit; alter role managed inherit; grant holdfast_owner, anon, authenticated to managed with admin option; alter database ${db.name} owner to managed; alter schema public owner to managed; set role managed`,
  );
  await c.query(readFileSync("packages/compile/testdata/content/tables.sql", "utf8"));
  try {
    const r = await applyDatabase(c, compilePostgres(contentPolicy));
    console.log(r.changes.length, r.findings.length);
    console.log((await findDrift(c, compilePostgres(contentPolicy))).differences);
  } catch (e) {
    console.log(e);
  }
} finally {
  await cluster.stop();
}
