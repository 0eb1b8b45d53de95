// Secrets on the command line: given from standard input, kept sealed, shown by nothing.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const RUN_MS_MAX = 240_000;
const entry = join(import.meta.dirname, "../main.ts");
const example = join(import.meta.dirname, "../../../../examples/content");
const folder = mkdtempSync(join(tmpdir(), "holdfast-secrets-"));
chmodSync(folder, 0o711);
writeFileSync(
  join(folder, "deployment.ts"),
  `export { default } from ${JSON.stringify(join(example, "deployment.ts"))};\n`,
);
writeFileSync(
  join(folder, "security.ts"),
  `import it from ${JSON.stringify(join(example, "security.ts"))};\nexport default { ...it, secrets: { stripeKey: { source: "vault", at: "stripeKey", leaseSeconds: 60, rotateSeconds: null } } };\n`,
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function secrets(input: string, ...words: readonly string[]) {
  const given = ["--conditions=holdfast-source", entry, "secrets", ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, given, { encoding: "utf8", input });
  return { status, stdout, stderr };
}

const canary = "canary-of-a-given-secret";
const next = "another-value-of-that-secret";

test(
  "a secret is given and replaced from standard input, lies sealed in the vault, and is shown by no answer",
  () => {
    const set = secrets(`${canary}\n`, "set", "stripeKey", folder, "--json");
    expect([set.status, JSON.parse(set.stdout)]).toEqual([0, { name: "stripeKey", written: true }]);
    const same = secrets(canary, "rotate", "stripeKey", folder);
    expect(same.stderr).toContain("cli/secret-same");
    const rotated = secrets(next, "rotate", "stripeKey", folder);
    expect(rotated.status).toBe(0);
    const listed = secrets("", "list", folder, "--json");
    expect(JSON.parse(listed.stdout).secrets).toContainEqual(
      expect.objectContaining({ name: "stripeKey", source: "vault", state: "held", changedAt: expect.any(Number) }),
    );
    const sealed = readFileSync(join(folder, ".holdfast/vault/sealed.json"), "utf8");
    for (const text of [sealed, ...[set, same, rotated, listed].map(({ stdout, stderr }) => stdout + stderr)]) {
      for (const secret of [canary, next]) expect(text).not.toContain(secret);
    }
  },
  RUN_MS_MAX,
);

test(
  "a value on the command line, none at all, and a secret that somebody else keeps or nobody declared are refused",
  () => {
    expect(secrets("", "set", `stripeKey=${canary}`, folder)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("cli/secret-on-command-line"),
    });
    expect(secrets("", "set", "stripeKey", folder).stderr).toContain("cli/secret-invalid");
    expect(secrets("a value of mail", "set", "smtpUrl", folder).stderr).toContain("vault/secret-read-only");
    expect(secrets("a value of nothing", "set", "unknownOne", folder).stderr).toContain("vault/secret-undeclared");
  },
  RUN_MS_MAX,
);
