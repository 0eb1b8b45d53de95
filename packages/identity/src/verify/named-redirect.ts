// Whether the policy names a URL as a place where a session may go.
import type { Policy } from "@holdfast/policy";

/** What auth-js adds to tell one of several flows from another. */
const flowParameter = "sb_flow_id";
const flowPattern = /^[A-Za-z0-9_-]{1,64}$/;
const urlCharactersMax = 2000;

/**
 * Whether the policy names the URL: a page of the application's own origin, or one of `identity.redirects`, letter by letter.
 * What a parser would read in more than one way is nobody's (RFC 9700 §4.1.3).
 */
export function isNamedRedirect(wanted: string, { application, identity }: Policy): boolean {
  if (wanted.length > urlCharactersMax || !/^[\x21-\x7e]+$/.test(wanted) || /[\\#]/.test(wanted)) return false;
  const exact = withoutFlow(wanted);
  if (exact === null) return false;
  if (exact === application.origin || identity.redirects.includes(exact)) return true;
  if (!exact.startsWith(`${application.origin}/`)) return false;
  // A page of ours: what it is when it is parsed is what it is when it is read.
  const url = URL.parse(exact);
  return url !== null && url.origin === application.origin && url.href === exact && !url.pathname.includes("//");
}

/** The URL without auth-js's parameter; null when that is not what auth-js writes. */
function withoutFlow(url: string): string | null {
  const at = url.search(new RegExp(`[?&]${flowParameter}=`));
  if (at === -1) return url;
  // An ampersand before any question mark stands in the host or the path: there it is no parameter.
  if (url.indexOf("?") === -1 || url.indexOf("?") > at) return null;
  const end = url.indexOf("&", at + 1);
  const value = url.slice(at + flowParameter.length + 2, end === -1 ? undefined : end);
  if (!flowPattern.test(value)) return null;
  if (end === -1) return url.slice(0, at);
  return url.slice(0, at + 1) + url.slice(end + 1);
}
