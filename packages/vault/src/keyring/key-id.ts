// A key's id: whose it is, its scope and its version. Whoever has the id knows where its key would lie.
import type { KeyScope } from "./key-scope.ts";
import { holderOf, scopeNameOf } from "./key-scope.ts";

const HOLDER_CHARACTERS = 16;
const SCOPE_CHARACTERS = 32;
const VERSION_BYTES = 4;

export const placeOf = (scope: KeyScope): string => holderOf(scope.subject) + scopeNameOf(scope);

/** Hexadecimal. */
export function idOf(scope: KeyScope, version: number): string {
  const number = Buffer.alloc(VERSION_BYTES);
  number.writeUInt32BE(version);
  return placeOf(scope) + number.toString("hex");
}

/** Undefined where it is no id. */
export function partsOf(id: string): { holder: string; scope: string; version: number } | undefined {
  if (!/^[0-9a-f]{40}$/.test(id)) return undefined;
  return {
    holder: id.slice(0, HOLDER_CHARACTERS),
    scope: id.slice(HOLDER_CHARACTERS, SCOPE_CHARACTERS),
    version: Number.parseInt(id.slice(SCOPE_CHARACTERS), 16),
  };
}
