const REDIRECT_CHARACTERS_MAX = 2048;
const ANY_BASE = "https://base.invalid";

// Backslash acts as a slash in browsers' URL parser, control characters and line ends are dropped by it (WHATWG URL §4.4), and
// an encoded slash, backslash or control character is what our own gateway refuses.
const REFUSED_CHARACTERS = /[\\\s\u0000-\u001f\u007f-\u00a0\u2028\u2029\ufeff]/u;
const REFUSED_IN_PATH = /%(?:2f|5c|25|0[0-9a-f]|1[0-9a-f]|7f)/i;

/**
 * The place inside this application that `from` names, or `fallback` ("/" unless given) when `from` is anything else: absolute,
 * protocol-relative, with a backslash or control character, or too long. Against open redirects (ASVS 5.0 3.7.2).
 */
export function sanitizeRedirect(from: unknown, fallback = "/"): string {
  if (typeof from !== "string" || from.length > REDIRECT_CHARACTERS_MAX) return fallback;
  if (!from.startsWith("/") || from.startsWith("//") || REFUSED_CHARACTERS.test(from)) return fallback;
  const url = URL.canParse(from, ANY_BASE) ? new URL(from, ANY_BASE) : null;
  if (url === null || url.origin !== ANY_BASE) return fallback;
  // Dot segments are resolved by now: "/.//host" has become "//host", which as a reference names another host.
  if (url.pathname.startsWith("//") || REFUSED_IN_PATH.test(url.pathname)) return fallback;
  return url.pathname + url.search + url.hash;
}
