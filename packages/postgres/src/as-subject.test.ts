import { afterAll, beforeAll, expect, test } from "vitest";
import { asSubject } from "./as-subject.ts";
import type { DatabasePool } from "./database-pool.ts";
import { testDatabase } from "./testing/injected-cluster.ts";
import type { TestDatabase } from "./testing/test-database.ts";

let database: TestDatabase;
let pool: DatabasePool;
const alice = {
  sub: "11111111-1111-4111-8111-111111111111",
  role: "authenticated",
  aal: "aal1",
  app_metadata: { roles: ["reader"] },
};

beforeAll(async () => {
  database = await testDatabase();
  pool = database.pool();
});
afterAll(() => database.drop());

test("a statement runs as the subject of the claims", async () => {
  const { rows } = await asSubject(pool, alice, {
    text: "select auth.uid() as uid, current_user as who, holdfast.roles() as roles",
  });
  expect(rows).toEqual([{ uid: alice.sub, who: "authenticated", roles: ["reader"] }]);
});
