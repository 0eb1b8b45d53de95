// How the command is typed here: through npm in the repository, by its own name once it is installed.
import { fileURLToPath } from "node:url";

const isPacked = fileURLToPath(import.meta.url).endsWith(".js");

/** For example `npm run holdfast -- trust`. */
export function typed(command: string): string {
  return isPacked ? `holdfast ${command}` : `npm run holdfast -- ${command}`;
}
