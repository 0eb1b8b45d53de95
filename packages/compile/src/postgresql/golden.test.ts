import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { auditedPolicy } from "../../testdata/audited/policy.ts";
import { contentPolicy } from "../../testdata/content/policy.ts";
import { sealedPolicy } from "../../testdata/sealed/policy.ts";
import { compilePostgres } from "./compile.ts";
import { lint } from "./lint.ts";

test.each([
  ["the content application", contentPolicy, "content"],
  ["sealed columns", sealedPolicy, "sealed"],
  ["an audited table", auditedPolicy, "audited"],
] as const)("the policy of %s compiles to exactly this SQL", async (_, policy, folder) => {
  const golden = new URL(`../../testdata/${folder}/policy.sql`, import.meta.url);
  const { text } = compilePostgres(policy);
  if (process.env.UPDATE_GOLDEN === "1") await writeFile(golden, text);
  expect(text).toBe(await readFile(golden, "utf8"));
});

test("the same policy compiles to the same bytes and the same hash", () => {
  const [one, two] = [compilePostgres(contentPolicy), compilePostgres(structuredClone(contentPolicy))];
  expect(one).toEqual(two);
  expect(one.hash).toMatch(/^[0-9a-f]{64}$/);
});

test("a sealed column wants a domain of its own, its blind index beside it, and the key of its row is never changed", () => {
  const [letters] = compilePostgres(sealedPolicy).tables;
  expect(letters?.columns).toMatchObject({
    body: { type: "sealed", nullable: false, plain: "text" },
    address: { type: "sealed", nullable: true },
    address_index: { type: "blind_index", nullable: true },
    details: { type: "sealed", plain: "jsonb" },
  });
  expect(letters?.indexes.map(({ columns }) => columns)).toContainEqual(["address_index"]);
  const granted = (action: string) => letters?.grants.find((grant) => grant.action === action)?.columns;
  expect(granted("insert")).toEqual(["address", "address_index", "body", "id", "owner_id"]);
  expect(granted("update")).toEqual(["address", "address_index", "body", "owner_id"]);
});

test("a column that the policy seals and PostgreSQL holds plain is found, until it is sealed", () => {
  const artifact = compilePostgres(sealedPolicy);
  const found = (types: Readonly<Record<string, string>>) => {
    const columns = Object.entries(types).map(([name, type]) => ({ name, type, nullable: true, deterministic: true }));
    const letters = {
      schema: "public",
      name: "letters",
      kind: "table",
      owner: "holdfast_owner",
      rowSecurity: true,
      forced: true,
      securityInvoker: false,
      parents: [],
      columns,
      grants: [],
      rules: [],
      publications: [],
    } as const;
    const empty = { schemas: [], policies: [], indexes: [], foreignKeys: [], functions: [], roles: [] };
    return lint({ ...empty, relations: [letters] }, artifact).filter(({ code }) => code === "lint/unsealed");
  };
  expect(found({ id: "uuid", body: "text", address: "sealed", details: "jsonb" })).toMatchObject([
    { object: "public.letters.body", severity: "warning", hint: expect.stringContaining("holdfast seal letters.body") },
    { object: "public.letters.details" },
  ]);
  expect(found({ id: "uuid", body: "sealed", address: "sealed", details: "sealed" })).toEqual([]);
});
