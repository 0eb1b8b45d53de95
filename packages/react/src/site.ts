import type { Policy } from "@holdfast/policy";
import { ReactError } from "./react-error.ts";

/** Throws ReactError `react/site-unknown` for a site the policy does not have. */
export function requireSite(policy: Policy, site: string): void {
  if (policy.sites[site] !== undefined) return;
  const known = Object.keys(policy.sites).join(", ");
  throw new ReactError("react/site-unknown", `The policy has no site "${site}".`, `Use one of: ${known}.`);
}
