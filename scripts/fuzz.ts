// `npm run fuzz [name…]`: the random trials of `npm test`, with many more of them and a new seed each time; names choose some. Each line
// is one trial: what runs, and the environment that makes it long. A failure prints its seed, with which it comes again.
import { randomInt } from "node:crypto";
import { run } from "./run.ts";

interface Trial {
  readonly what: string;
  readonly files: readonly string[];
  /** Beside `HOLDFAST_SEED`. */
  readonly environment: Readonly<Record<string, string>>;
}

const trials: Readonly<Record<string, Trial>> = {
  decisions: {
    what: "evaluate and PostgreSQL decide alike, 100,000 times",
    files: ["packages/compile/src/postgresql/differential.fuzz.test.ts"],
    environment: { HOLDFAST_DECISIONS: "100000" },
  },
  masks: {
    what: "the masked views and maskRow show alike, 100,000 values",
    files: ["packages/compile/src/postgresql/masked-view.fuzz.test.ts"],
    environment: { HOLDFAST_VALUES: "100000" },
  },
  proofs: {
    what: "what is proven of changed conditions holds of every sample",
    files: ["packages/policy/src/difference/difference.fuzz.test.ts"],
    environment: { HOLDFAST_PROOFS: "3000" },
  },
  kills: {
    what: "sealing a column and rotating its keys, killed 200 times",
    files: ["packages/postgres/src/sealed/kill.fuzz.test.ts"],
    environment: { HOLDFAST_KILLS: "200" },
  },
  "tree-kills": {
    what: "the builder of the audit tree, killed 200 times",
    files: ["packages/postgres/src/audit/kill.fuzz.test.ts"],
    environment: { HOLDFAST_TREE_KILLS: "200" },
  },
  "backup-kills": {
    what: "backups, restores and archivers of the log are killed half way, 70 times each, and nothing half done is left",
    files: ["packages/postgres/src/restore/faults.fuzz.test.ts"],
    environment: { HOLDFAST_FUZZ_KILLS: "70" },
  },
  replicas: {
    what: "a primary with a standby, and the standby, are killed 200 times in writes; 10,000 requests and 1,000 reads after writes",
    files: [
      "packages/postgres/src/replica/kill.fuzz.test.ts",
      "packages/postgres/src/replica/replica.test.ts",
      "packages/postgres/src/crossing.test.ts",
    ],
    environment: {
      HOLDFAST_REPLICA_KILLS: "200",
      HOLDFAST_REPLICA_READS: "1000",
      HOLDFAST_CROSSING_REQUESTS: "10000",
    },
  },
};

const SEED_MAX = 2 ** 31 - 1;
const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(trials);
const unknown = chosen.filter((name) => !Object.hasOwn(trials, name));
if (unknown.length > 0)
  throw new Error(`no such trial: ${unknown.join(", ")}; there are ${Object.keys(trials).join(", ")}`);

const seed = process.env["HOLDFAST_SEED"] ?? String(randomInt(SEED_MAX));
let failed = 0;
for (const name of chosen) {
  const { what, files, environment } = trials[name] as Trial;
  console.log(`\n${name}: ${what} (HOLDFAST_SEED=${seed})`);
  const { exitCode } = await run("vitest", ["run", "--maxWorkers=1", ...files], {
    show: true,
    env: { ...environment, HOLDFAST_SEED: seed },
  });
  if (exitCode !== 0) failed += 1;
}
console.log(
  failed === 0
    ? `\n✓ ${chosen.join(", ")}`
    : `\n✗ ${failed} of ${chosen.length} trials failed, with HOLDFAST_SEED=${seed}`,
);
process.exitCode = failed === 0 ? 0 : 1;
