import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The package's file lies beside both folders this one may lie in: `src` here, `dist` once it is installed. */
export function ownVersion(): string {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8")) as {
    version: string;
  };
  return manifest.version;
}
