// `npm run golden`: writes everything anew that is compared with a copy in the repository; names as arguments choose some.
// Review the difference like code.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { referenceText } from "./reference.ts";
import { root, run } from "./run.ts";

const parts: Readonly<Record<string, () => Promise<void> | void>> = {
  reference() {
    writeFileSync(join(root, "REFERENCE.md"), referenceText());
  },
  async policies() {
    const compiled = await run("vitest", ["run", "golden"], { env: { UPDATE_GOLDEN: "1" } });
    if (compiled.exitCode !== 0) throw new Error(`the golden files could not be written:\n${compiled.output}`);
  },
  /** The console after a whole proof; takes minutes and a browser. */
  async picture() {
    const proof = await run("vitest", ["run", "test/browser/proof.test.ts"]);
    if (proof.exitCode !== 0) throw new Error(`the picture of the console could not be made:\n${proof.output}`);
    mkdirSync(join(root, "docs"), { recursive: true });
    copyFileSync(join(root, "test-results/console.png"), join(root, "docs/console.png"));
  },
};

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts);
const unknown = chosen.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0)
  throw new Error(`no such part: ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}`);
for (const name of chosen) {
  await parts[name]?.();
  console.log(`✓ ${name}`);
}
