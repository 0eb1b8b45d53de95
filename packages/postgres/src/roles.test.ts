// On a cluster of its own: roles belong to the whole cluster, and other tests rely on theirs.
import { afterAll, beforeAll, expect, test } from "vitest";
import { passwordName } from "./prepare-database.ts";
import { ensureRoles, loginRoles } from "./roles.ts";
import { startTestCluster, type TestCluster, testSecret } from "./testing/test-cluster.ts";
import { type TestDatabase, testDatabaseAt } from "./testing/test-database.ts";

let cluster: TestCluster;
let database: TestDatabase;

beforeAll(async () => {
  cluster = await startTestCluster();
  database = await testDatabaseAt(cluster.address);
});
afterAll(async () => {
  await database.drop();
  await cluster.stop();
});

test("roles that somebody widened are narrow again at the next start", async () => {
  const administrator = await database.administrator();
  const passwords = new Map(loginRoles.map((role) => [role, testSecret(cluster.address, passwordName(role))]));
  await administrator.query("begin");
  await administrator.query(
    "grant service_role to holdfast_api; alter role holdfast_identity bypassrls createrole; alter role anon login",
  );
  await administrator.query("commit");
  await ensureRoles(administrator, passwords, 18);
  const { rows } = await administrator.query(`
    select r.rolname as name, r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication as wide, r.rolbypassrls as bypasses, r.rolcanlogin as logs_in,
      array(select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid order by 1) as member_of
    from pg_roles r where r.rolname ~ '^(anon|authenticated|service_role|holdfast_(api|identity|platform|owner|keeper))$' order by 1`);
  const role = (name: string, bypasses: boolean, logs_in: boolean, member_of: string[]) => ({
    name,
    wide: false,
    bypasses,
    logs_in,
    member_of,
  });
  expect(rows).toEqual([
    role("anon", false, false, []),
    role("authenticated", false, false, []),
    role("holdfast_api", false, true, ["anon", "authenticated"]),
    role("holdfast_identity", false, true, []),
    role("holdfast_keeper", false, false, ["holdfast_api"]),
    role("holdfast_owner", false, false, []),
    role("holdfast_platform", false, true, []),
    role("service_role", true, false, []),
  ]);
});
