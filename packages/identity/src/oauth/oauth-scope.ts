// The scopes that an OAuth client may be granted. They open the person's own profile and nothing else: no route of the
// application and no row takes a client's token for the person.

export const offeredScopes = ["openid", "profile", "email", "phone", "offline_access"] as const;

export const defaultScope = "openid";

const scopeCharactersMax = 256;

/** The words of a scope parameter, each once, in our order; null when there is one that is not offered. */
export function readScope(text: string): readonly string[] | null {
  if (text.length > scopeCharactersMax) return null;
  const words = text.split(" ").filter((word) => word !== "");
  const known = new Set<string>(offeredScopes);
  if (words.length === 0 || !words.every((word) => known.has(word))) return null;
  return offeredScopes.filter((scope) => words.includes(scope));
}

/** Does everything in `asked` stand in `granted`? Both are scope parameters. */
export function isWithinScope(asked: string, granted: string): boolean {
  const known = granted.split(" ");
  return asked.split(" ").every((word) => known.includes(word));
}

/** Both together, each word once. */
export const joinScopes = (one: string, other: string): string =>
  offeredScopes.filter((scope) => isWithinScope(scope, one) || isWithinScope(scope, other)).join(" ");
