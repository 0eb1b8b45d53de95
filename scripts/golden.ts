// `npm run golden`: writes everything anew that is compared with a copy in the repository. Review the difference like code.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { referenceText } from "./reference.ts";
import { root, run } from "./run.ts";

writeFileSync(join(root, "REFERENCE.md"), referenceText());
console.log("✓ REFERENCE.md");

const compiled = await run("vitest", ["run", "golden"], { env: { UPDATE_GOLDEN: "1" } });
if (compiled.exitCode !== 0) throw new Error(`the golden files could not be written:\n${compiled.output}`);
console.log("✓ compiled policies");

const proof = await run("vitest", ["run", "test/browser/proof.test.ts"]);
if (proof.exitCode !== 0) throw new Error(`the picture of the console could not be made:\n${proof.output}`);
mkdirSync(join(root, "docs"), { recursive: true });
copyFileSync(join(root, "test-results/console.png"), join(root, "docs/console.png"));
console.log("✓ docs/console.png");
