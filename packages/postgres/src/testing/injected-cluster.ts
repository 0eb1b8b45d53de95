// How a vitest test gets a database: on the cluster that vitest-cluster.ts started for the whole run.

import { type TestDatabase, type TestDatabaseOptions, testDatabaseAt } from "./test-database.ts";
import type {} from "./vitest-cluster.ts";

/** A database of its own on the run's cluster. Call `drop()` when done with it. */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { inject } = await import("vitest"); // Only in a test: programs such as benchmarks start a cluster themselves.
  return testDatabaseAt(inject("holdfastCluster"), options);
}
