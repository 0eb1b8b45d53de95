import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const entry = join(import.meta.dirname, "../main.ts");
const example = join(import.meta.dirname, "../../../../examples/content");
const folder = mkdtempSync(join(tmpdir(), "holdfast-trust-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A certutil that writes down which file it is given, who may enter the file's folder, and what the file holds. */
const CERTUTIL = `#!/bin/sh
for word; do case "$word" in *.pem) stat -c '%a %n' "$(dirname "$word")" "$word"; cat "$word";; esac; done >> "$SEEN"
`;

test.runIf(process.platform === "linux")(
  "what a browser is told to trust lies where nobody else can put another certificate in its place",
  () => {
    for (const name of ["security.ts", "deployment.ts"])
      writeFileSync(join(folder, name), `export { default } from ${JSON.stringify(join(example, name))};\n`);
    const [programs, temporary, seen] = [join(folder, "bin"), join(folder, "tmp"), join(folder, "seen")];
    mkdirSync(programs);
    // As /tmp is: everybody may make files there.
    mkdirSync(temporary);
    writeFileSync(join(programs, "certutil"), CERTUTIL, { mode: 0o755 });
    const { status, pid } = spawnSync(
      process.execPath,
      ["--conditions=holdfast-source", entry, "trust", folder, "--yes"],
      {
        encoding: "utf8",
        env: {
          ...process.env,
          HOME: folder,
          TMPDIR: temporary,
          SEEN: seen,
          PATH: `${programs}:${process.env["PATH"]}`,
        },
      },
    );
    expect(status).toBe(0);
    const [place = "", file = "", ...certificate] = readFileSync(seen, "utf8").split("\n");
    expect(place).toMatch(new RegExp(`^700 ${temporary}/.`));
    expect(place).not.toContain(String(pid));
    expect(file).toMatch(/^600 /);
    expect(certificate[0]).toBe("-----BEGIN CERTIFICATE-----");
    expect(readdirSync(temporary)).toEqual([]);
  },
);
