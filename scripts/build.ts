// `npm run build`: compiles every publishable package to JavaScript with declarations in its dist/ folder.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtConsole } from "../packages/cli/src/deployment/sites.ts";
import { root, run } from "./run.ts";

export interface Publishable {
  readonly name: string;
  readonly folder: string;
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
}

export function publishablePackages(): readonly Publishable[] {
  return readdirSync(join(root, "packages"))
    .filter((folder) => existsSync(join(root, "packages", folder, "package.json")))
    .map((folder) => ({
      folder: `packages/${folder}`,
      manifest: JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")) as Manifest,
    }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ folder, manifest }) => ({ name: manifest.name, folder }));
}

/** Compiles one package; the packages it imports are read from source, so the order does not matter. */
async function buildPackage(folder: string): Promise<void> {
  const out = join(root, folder, "dist");
  rmSync(out, { recursive: true, force: true });
  const config = join(root, folder, "tsconfig.build.json");
  const testing = hasTestingEntry(folder) ? [] : ["src/testing/**"];
  writeFileSync(
    config,
    JSON.stringify({
      extends: "./tsconfig.json",
      compilerOptions: {
        noEmit: false,
        declaration: true,
        outDir: "dist",
        rootDir: "src",
        rewriteRelativeImportExtensions: true,
        sourceMap: false,
      },
      include: ["src"],
      exclude: ["src/**/*.test.ts", "src/**/*.test.tsx", "src/**/*.test-d.ts", "src/**/testdata/**", ...testing],
    }),
  );
  try {
    const { exitCode, output } = await run("tsc", ["-p", config]);
    if (exitCode !== 0) throw new Error(`${folder} could not be built:\n${output}`);
  } finally {
    rmSync(config, { force: true });
  }
}

/** The packed command carries the console's built pages; in the repository they are built where they are. */
async function packConsole(): Promise<void> {
  const { directory } = await builtConsole((text) => console.log(text));
  cpSync(directory, join(root, "packages/cli/dist/console"), { recursive: true });
}

/** Test support is packed only where the package offers it. */
function hasTestingEntry(folder: string): boolean {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as { exports: object };
  return "./testing" in manifest.exports;
}

export async function buildAll(): Promise<void> {
  for (const { folder, name } of publishablePackages()) {
    await buildPackage(folder);
    console.log(`✓ ${name}`);
  }
  await packConsole();
  console.log("✓ the console, for the packed command");
}

if (import.meta.main) await buildAll();
