// `npm run bench [name…]`: each benchmark is a ratio to a peer or to the bare case, taken in one run. Prints a table; exit code 1
// when a goal is missed, so that a missed goal is never overlooked.
import { readdirSync } from "node:fs";
import { join } from "node:path";

export interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly goal: string;
  readonly met: boolean;
}

interface Benchmark {
  readonly name: string;
  run(report: (line: string) => void): Promise<readonly Figure[]>;
}

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const asJson = process.argv.includes("--json");
const say = (line: string): void => {
  if (!asJson) console.log(line);
};

const files = readdirSync(import.meta.dirname).filter(
  (file) => file.endsWith(".ts") && file !== "main.ts" && !file.includes("." + "test."),
);
const results: (Figure & { benchmark: string })[] = [];
for (const file of files.toSorted()) {
  const loaded = (await import(join(import.meta.dirname, file))) as Partial<Benchmark>;
  if (typeof loaded.run !== "function" || loaded.name === undefined) continue;
  if (wanted.length > 0 && !wanted.includes(file.replace(/\.ts$/, ""))) continue;
  say(`\n${loaded.name}`);
  for (const figure of await loaded.run((line) => say(`  ${line}`))) {
    results.push({ benchmark: file.replace(/\.ts$/, ""), ...figure });
    say(`  ${figure.met ? "✓" : "✗"} ${figure.figure}: ${figure.value.toPrecision(3)} (goal ${figure.goal})`);
  }
}
if (asJson) console.log(JSON.stringify(results, undefined, 2));
process.exitCode = results.length > 0 && results.every((figure) => figure.met) ? 0 : 1;
