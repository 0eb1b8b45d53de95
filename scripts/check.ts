// `npm run check`: types, lint and format of the whole repository. Prints only what is wrong.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./run.ts";

const projects = ["packages", "apps", "examples"]
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
  .flatMap((path) => [path, `${path}/web`])
  .filter((path) => existsSync(join(root, path, "tsconfig.json")));

const checks: readonly (readonly [string, string, readonly string[]])[] = [
  ...projects.map((path) => [`types of ${path}`, "tsc", ["-p", path]] as const),
  ["types of scripts, tests and benchmarks", "tsc", ["-p", "tsconfig.json"]],
  ["lint", "oxlint", ["--deny-warnings", "."]],
  ["format", "biome", ["check", "."]],
];

export async function checkAll(): Promise<boolean> {
  let isSound = true;
  for (const [name, command, args] of checks) {
    const { exitCode, output } = await run(command, args);
    console.log(`${exitCode === 0 ? "✓" : "✗"} ${name}`);
    if (exitCode !== 0) {
      console.log(output);
      isSound = false;
    }
  }
  return isSound;
}

if (import.meta.main) process.exitCode = (await checkAll()) ? 0 : 1;
