import type { SecretSource } from "./secret-source.ts";

/** Variables of the process. They are what they were at the start; an empty one is none. */
export function environmentSource(environment: Readonly<Record<string, string | undefined>>): SecretSource {
  return {
    async read(at) {
      const value = environment[at];
      return value === undefined || value === "" ? undefined : { value, changedAt: null };
    },
  };
}
