import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTerminal } from "../terminal.ts";
import { inspectCommand } from "./inspect.ts";

let database: TestDatabase;
let client: Client;
let folder: string;
let url: string;
let password: string;

beforeAll(async () => {
  database = await testDatabase();
  client = await database.administrator();
  folder = await mkdtemp(join(tmpdir(), "holdfast-inspect-"));
  await client.query(`CREATE TABLE public.notes (id uuid PRIMARY KEY, title text);
    INSERT INTO public.notes VALUES (gen_random_uuid(), 'private'); GRANT SELECT ON public.notes TO authenticated;`);
  const settings = database.settings();
  password = String(settings.password);
  url =
    `postgres://${settings.user}:${encodeURIComponent(password)}@:${settings.port}/${settings.database}?host=${encodeURIComponent(String(settings.host))}`.replace(
      "@:",
      "@localhost:",
    );
});

afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

interface Run {
  readonly code: number;
  readonly text: string;
  readonly document: {
    findings: { rule: string; object: string; fix: string[]; attack?: string; proof?: { outcome: string } }[];
  };
}

async function run(options: Record<string, string | boolean>, words = [url]): Promise<Run> {
  const written: string[] = [];
  let document: unknown;
  const terminal = openTerminal({ write: (text) => written.push(text) });
  const code = await inspectCommand.run({ words, options, terminal, json: (each) => (document = each) });
  return { code, text: written.join(""), document: document as Run["document"] };
}

describe("holdfast inspect", () => {
  test("names the fault, its attack with what came of it, and the line that mends it", async () => {
    const { code, text, document } = await run({ attack: true, only: "row-security-off" });
    expect(code).toBe(1);
    expect(text).toContain("A table that requests reach has no row level security  [row-security-off]");
    expect(text).toContain('BEGIN; SET LOCAL ROLE "authenticated"; SELECT count(*)');
    expect(text).toContain("shown: It gave");
    expect(text).toContain("ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;");
    expect(document.findings[0]).toMatchObject({ object: "public.notes", proof: { outcome: "shown" } });
  });

  test("never shows the password", async () => {
    const { text, document } = await run({});
    expect(`${text}${JSON.stringify(document)}`).not.toContain(password);
    await expect(run({}, [url.replace("/test_", "/not_")])).rejects.toThrow(/database/);
    const refusal = await run({}, [url.replace("/test_", "/not_")]).catch((error: unknown) => String(error));
    expect(refusal).not.toContain(password);
  });

  test("--fix prints SQL that mends, and applies none of it", async () => {
    const { text } = await run({ fix: true, only: "row-security-off" });
    expect(text.split("\n").every((line) => line === "" || line.startsWith("--") || line.endsWith(";"))).toBe(true);
    expect((await run({ only: "row-security-off" })).code).toBe(1);
    await client.query("BEGIN");
    await client.query(text);
    await client.query("COMMIT");
    expect((await run({ only: "row-security-off" })).code).toBe(0);
    await client.query("ALTER TABLE public.notes DISABLE ROW LEVEL SECURITY");
  });

  test("--sarif writes what code hosts read", async () => {
    const file = join(folder, "report.sarif");
    await run({ sarif: file });
    const sarif = JSON.parse(await readFile(file, "utf8"));
    expect(sarif.version).toBe("2.1.0");
    const [{ results, tool }] = sarif.runs;
    expect(results.length).toBeGreaterThan(0);
    for (const { ruleId, ruleIndex, level } of results) {
      expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
      expect(["error", "warning", "note"]).toContain(level);
    }
  });

  test("decides by the severity it is told, and a mistake in its options is named", async () => {
    expect((await run({ only: "no-primary-key", "fail-on": "error" })).code).toBe(0);
    await expect(run({ only: "nonsense" })).rejects.toMatchObject({ code: "cli/unknown-rule" });
    await expect(run({ "fail-on": "sometimes" })).rejects.toMatchObject({ code: "cli/unknown-option" });
    await expect(run({ role: "nobody_of_that_name" })).rejects.toMatchObject({ code: "cli/unknown-option" });
    await expect(run({}, ["postgres://"])).rejects.toMatchObject({ code: "cluster/url-invalid" });
  });

  test("names in a database that somebody else runs can neither write lines of their own nor steer the terminal", async () => {
    const names = [
      "line\nCREATE TABLE public.taken_a ();--",
      "turn\rCREATE TABLE public.taken_b ();--",
      "red\u001b[2J\u009b1m\u202e",
    ];
    for (const name of names) {
      const table = `public.${client.escapeIdentifier(name)}`;
      await client.query(`CREATE TABLE ${table} (id int PRIMARY KEY); ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY only_less ON ${table} AS RESTRICTIVE USING (true); GRANT SELECT ON ${table} TO authenticated`);
    }
    try {
      const told = await run({ only: "policies-only-restrict" });
      const { text: fix } = await run({ fix: true, only: "policies-only-restrict" });
      expect(told.document.findings.map(({ object }) => object)).toHaveLength(names.length);
      for (const text of [told.text, fix]) {
        expect(text).not.toMatch(/[\r\u001b\u009b\u202e]/);
        expect(text.split("\n").filter((line) => line.startsWith("CREATE"))).toEqual([]);
      }
      expect(fix.split("\n").every((line) => line === "" || line.startsWith("--"))).toBe(true);
      await client.query(fix);
      // What --json and SARIF hand on is read by programs that print it.
      for (const { fix: lines } of told.document.findings)
        expect(lines.filter((line) => line.startsWith("--") && /[\r\n]/.test(line))).toEqual([]);
      const { rows } = await client.query("SELECT relname FROM pg_class WHERE relname LIKE 'taken%'");
      expect(rows).toEqual([]);
    } finally {
      for (const name of names) await client.query(`DROP TABLE public.${client.escapeIdentifier(name)}`);
    }
  });
});
