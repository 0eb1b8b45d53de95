// `npm run check`: types, lint and format of the whole repository. Prints only what is wrong.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./run.ts";

/** What says another environment than Node's, or none. Everything else is one program, so that each file is read and checked once. */
const apart = ["packages", "apps", "examples"]
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
  .flatMap((path) => [path, `${path}/web`])
  .filter((path) => hasOwnEnvironment(join(root, path, "tsconfig.json")));

function hasOwnEnvironment(file: string): boolean {
  return existsSync(file) && "compilerOptions" in (JSON.parse(readFileSync(file, "utf8")) as object);
}

const checks: readonly (readonly [string, string, readonly string[]])[] = [
  ...apart.map((path) => [`types of ${path}`, "tsc", ["-p", path]] as const),
  ["types of everything else", "tsc", ["-p", "tsconfig.json"]],
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
