// Where the browser may be sent when a sign-in is over: pages of the application, and what the policy lists, letter for letter.
import type { Policy } from "@holdfast/policy";
import { isNamedRedirect } from "../verify/named-redirect.ts";

/** The URL to return to, or null for one that the policy does not know. Without a wish it is the application's first page. */
export function returnUrl(policy: Policy, wanted: string | undefined): string | null {
  const { origin } = policy.application;
  if (wanted === undefined || wanted === "") return `${origin}/`;
  return isNamedRedirect(wanted, policy) ? wanted : null;
}

/** The URL with parameters behind `?`, or behind `#` where only the browser may see them. */
export function withParameters(
  url: string,
  parameters: Readonly<Record<string, string | number | undefined>>,
  where: "query" | "fragment" = "query",
): string {
  const target = new URL(url);
  const given = Object.entries(parameters).filter(
    (entry): entry is [string, string | number] => entry[1] !== undefined,
  );
  if (where === "query") for (const [name, value] of given) target.searchParams.set(name, String(value));
  else target.hash = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return target.href;
}
