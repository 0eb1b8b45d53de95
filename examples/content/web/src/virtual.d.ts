/** Made by the plugin `holdfastPolicy` of `@holdfast/react/vite` when the site is built. */
declare module "virtual:holdfast-policy" {
  import type { Policy } from "@holdfast/policy";

  export const policy: Policy;
}

declare module "*.css";
