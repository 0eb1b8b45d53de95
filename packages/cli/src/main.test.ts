import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import packageFile from "../package.json" with { type: "json" };

const entry = join(import.meta.dirname, "main.ts");
const example = join(import.meta.dirname, "../../../examples/content");

function holdfast(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--conditions=holdfast-source", entry, ...words], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("the command line", () => {
  test("help names every command", () => {
    const { status, stdout } = holdfast("help");
    expect(status).toBe(0);
    for (const name of ["up", "prove", "status", "explain", "plan", "apply", "trust"])
      expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
  });

  test("--version prints the version of the package and nothing else; after a command it is an option nobody knows", () => {
    expect(holdfast("--version")).toEqual({ status: 0, stdout: `${packageFile.version}\n`, stderr: "" });
    expect(holdfast("plan", "--version")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("cli/unknown-option"),
    });
  });

  test("a reader that closes the pipe before anything is written is no failure", () => {
    const { status, stderr } = spawnSync(
      "bash",
      ["-c", 'set -o pipefail; "$0" --conditions=holdfast-source "$1" explain | true', process.execPath, entry],
      { encoding: "utf8" },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("an unknown command, option or control is misuse: exit code 3 and what was expected", () => {
    expect(holdfast("fly")).toMatchObject({ status: 3, stderr: expect.stringContaining("commands: up") });
    expect(holdfast("prove", "--loudly")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("cli/unknown-option"),
    });
    expect(holdfast("prove", "no-such-control", "--project", example)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("cli/unknown-control"),
    });
    expect(holdfast("up", example, "--port", "99999")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("cli/port-invalid"),
    });
  });

  test("a person or an action where the folder stands is told apart from a folder that is not there", () => {
    for (const [word, hint] of [
      ["admin", "--who"],
      ["carl@example.test", "--who carl@example.test"],
      ["content.update", "--what"],
    ] as const) {
      const { status, stderr } = holdfast("access", word);
      expect({ status, stderr }).toMatchObject({ status: 3, stderr: expect.stringContaining("cli/project-missing") });
      expect(stderr).toContain(hint);
    }
  });

  test("a URL of another database is no folder, and its password is not repeated", () => {
    for (const command of ["inspect", "performance"]) {
      const { status, stderr } = holdfast(command, "mysql://root:hunter2@localhost/shop");
      expect({ status, stderr }).toMatchObject({ status: 3, stderr: expect.stringContaining("begins with mysql://") });
      expect(stderr).toContain("postgres://user:password@host:5432/database");
      expect(stderr).not.toContain("hunter2");
    }
  });

  test("a masked export says which of its two options is missing", () => {
    expect(holdfast("export", example, "--masked").stderr).toContain("--into is missing");
    expect(holdfast("export", example, "--into", "copy.sql").stderr).toContain("--masked is missing");
  });

  test("a class of data that no key is of is told apart from a folder that is not there", () => {
    const { status, stderr } = holdfast("keys", "rotate", "public.nots.body", example);
    expect({ status, stderr }).toMatchObject({ status: 3, stderr: expect.stringContaining("cli/key-unclear") });
    expect(stderr).toContain('found "public.nots.body"');
  });

  test("with --json an error is a document on standard output", () => {
    const { status, stdout } = holdfast("explain", "jw", "--json");
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "cli/unknown-control", hint: "did you mean jwt?" } });
  });

  test("explain says what a control promises and which attacks prove it", () => {
    const { status, stdout } = holdfast("explain", "jwt");
    expect(status).toBe(0);
    expect(stdout).toContain("JWT-01");
    expect(stdout).toMatch(/sabotage: /);
  });

  test("a folder without a policy, or with one that does not load, is told with the file's name", () => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-project-"));
    expect(holdfast("plan", folder)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("security.ts was expected in"),
    });
    writeFileSync(join(folder, "security.ts"), "export default {");
    expect(holdfast("plan", folder)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("cli/project-invalid"),
    });
    writeFileSync(join(folder, "security.ts"), "export default 7;");
    expect(holdfast("plan", folder)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("a value of type number"),
    });
    rmSync(folder, { recursive: true, force: true });
  });

  test("whom to add as an administrator is an address, or the mistake is named before anything is asked", () => {
    const refused = holdfast("administrator", example, "--add", "notanaddress");
    expect(refused).toMatchObject({ status: 3, stdout: "", stderr: expect.stringContaining("cli/address-invalid") });
    expect(refused.stderr).toContain('expected to be an e-mail address; found "notanaddress"');
    expect(refused.stderr).toContain("administrator --add bea@example.com");
  });

  test("an address gets past that: what is missing then is the deployment", () => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-project-"));
    const { status, stderr } = holdfast("administrator", folder, "--add", " Bea@Example.com");
    expect(status).toBe(3);
    expect(stderr).not.toContain("cli/address-invalid");
    expect(stderr).toContain("security.ts was expected in");
    rmSync(folder, { recursive: true, force: true });
  });

  test("status of a project that does not run is misuse, with a hint", () => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-project-"));
    expect(holdfast("status", folder)).toMatchObject({ status: 3, stderr: expect.stringContaining("cli/not-running") });
    rmSync(folder, { recursive: true, force: true });
  });
});
