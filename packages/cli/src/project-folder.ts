// Which project a command means when it is given none: the folder it stands in, or the example of this repository.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const EXAMPLE = "examples/content";

export function projectFolder(given: string | undefined): string {
  if (given !== undefined) return resolve(given);
  const here = process.cwd();
  if (existsSync(join(here, "security.ts"))) return here;
  return existsSync(join(here, EXAMPLE, "security.ts")) ? join(here, EXAMPLE) : here;
}
