import { compilePostgres } from "@holdfast/compile";
import { any, anyone, defineSecurity, member } from "@holdfast/policy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Laboratory, openLaboratory } from "../../testdata/database/laboratory.ts";
import { applyPolicy } from "./apply-database.ts";
import { comparePolicy } from "./plan-database.ts";

let laboratory: Laboratory;

beforeAll(async () => {
  laboratory = await openLaboratory();
});

afterAll(async () => {
  await laboratory.database.drop();
});

const inTeam = member({ column: "team_id", table: "ties", group: "team_id", subject: "user_id" });

const floored = compilePostgres(
  defineSecurity({
    application: { name: "floors", origin: "https://localhost:8443" },
    roles: { admin: { requires: "aal2" } },
    tables: {
      rooms: { columns: { id: "uuid", team_id: "uuid" }, select: any(anyone(), inTeam), within: inTeam },
      ties: { columns: { id: "uuid", team_id: "uuid", user_id: "uuid" } },
    },
  }),
);

test("a floor is a restrictive policy, applied once, and missed when somebody makes it permissive", async () => {
  const { client } = laboratory;
  await client.query(
    "CREATE TABLE rooms (id uuid PRIMARY KEY, team_id uuid NOT NULL); CREATE TABLE ties (id uuid PRIMARY KEY, team_id uuid NOT NULL, user_id uuid NOT NULL)",
  );
  await client.query("BEGIN");
  await applyPolicy(client, floored);
  expect((await applyPolicy(client, floored)).changes).toEqual([]);
  const { rows } = await client.query(
    "SELECT polpermissive AS permissive FROM pg_policy WHERE polname = 'holdfast_within_select'",
  );
  expect(rows).toEqual([{ permissive: false }]);
  const sql =
    floored.tables.flatMap(({ policies }) => policies).find(({ name }) => name === "holdfast_within_select")?.sql ?? "";
  await client.query(`DROP POLICY holdfast_within_select ON public.rooms; ${sql.replace("RESTRICTIVE", "PERMISSIVE")}`);
  const { changes } = await comparePolicy(client, floored);
  expect(changes.map(({ code }) => code)).toContain("drift/policy-changed");
  await client.query("ROLLBACK");
});
