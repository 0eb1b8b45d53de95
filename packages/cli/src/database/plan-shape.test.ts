import { compilePostgres } from "@holdfast/compile";
import { any, column, defineSecurity, not, owner } from "@holdfast/policy";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Laboratory, openLaboratory } from "../../testdata/database/laboratory.ts";
import { applyPolicy } from "./apply-database.ts";
import { describePlanShapes, findPlanShapes } from "./plan-shape.ts";

let laboratory: Laboratory;

beforeAll(async () => {
  laboratory = await openLaboratory();
  await laboratory.client.query("CREATE TABLE public.letters (id uuid PRIMARY KEY, owner_id uuid, status text)");
});

afterAll(async () => {
  await laboratory.database.drop();
});

beforeEach(async () => {
  await laboratory.client.query("BEGIN");
});

afterEach(async () => {
  await laboratory.client.query("ROLLBACK");
});

const letters = {
  id: "uuid",
  owner_id: { type: "uuid", nullable: true },
  status: { type: "text", nullable: true },
} as const;

const withSelect = (isServed: boolean) =>
  compilePostgres(
    defineSecurity({
      application: { name: "letters", origin: "https://localhost:8443" },
      roles: { admin: { requires: "aal2" } },
      tables: {
        letters: {
          columns: letters,
          select: any(owner("owner_id"), isServed ? column("status").is("open") : not(column("status").is("closed"))),
        },
      },
    }),
  );

test("conditions that indexes serve have nothing to say, also on an empty table", async () => {
  expect((await applyPolicy(laboratory.client, withSelect(true))).shapes).toEqual([]);
});

test("a condition that no index serves is said with its plan", async () => {
  const { shapes } = await applyPolicy(laboratory.client, withSelect(false));
  expect(shapes.map(({ object, role }) => [object, role])).toEqual([
    ["public.letters", "anon"],
    ["public.letters", "authenticated"],
  ]);
  expect(describePlanShapes(shapes).join("\n")).toMatch(/every row is read[\s\S]*Seq Scan on letters[\s\S]*Filter/);
});

test("an index that somebody drops is missed the next time", async () => {
  const artifact = withSelect(true);
  await applyPolicy(laboratory.client, artifact);
  await laboratory.client.query("DROP INDEX public.holdfast_letters_owner_id");
  expect(await findPlanShapes(laboratory.client, artifact)).not.toEqual([]);
});
