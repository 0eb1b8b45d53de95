// Builds the site so that it runs under the gateway's strict content security policy: every script and style is a file of this
// origin, nothing is inlined, and the gateway puts a fresh nonce in the place of the placeholder on every answer.
import { fileURLToPath } from "node:url";
import { holdfastPolicy } from "@holdfast/react/vite";
import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig } from "vite";
import security from "../security.ts";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/",
  plugins: [react(), holdfastPolicy(security)],
  resolve: { conditions: ["holdfast-source", ...defaultClientConditions] },
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    sourcemap: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
