// For vite.config.ts: gives the browser the part of the policy that it needs, computed when the site is built, so that neither
// the policy's source nor `defineSecurity` travels to the browser. Runs in Node; imports nothing of React.
import type { Policy } from "@holdfast/policy";
import { policyForBrowser } from "./browser-policy.ts";

const MODULE = "virtual:holdfast-policy";
const RESOLVED = `\0${MODULE}`;

/** The hooks of a Vite plugin that are used here. */
export interface PolicyPlugin {
  readonly name: string;
  resolveId(id: string): string | undefined;
  load(id: string): string | undefined;
}

/** Vite plugin: `import { policy } from "virtual:holdfast-policy"` gives `policyForBrowser(policy)`. */
export function holdfastPolicy(policy: Policy): PolicyPlugin {
  return {
    name: "holdfast-policy",
    resolveId: (id) => (id === MODULE ? RESOLVED : undefined),
    load: (id) => (id === RESOLVED ? `export const policy = ${moduleText(policyForBrowser(policy))};` : undefined),
  };
}

/** JSON as a JavaScript expression. `JSON.parse` of a string literal, so that a key such as `__proto__` stays a key. */
function moduleText(policy: Policy): string {
  return `JSON.parse(${JSON.stringify(JSON.stringify(policy))})`;
}
