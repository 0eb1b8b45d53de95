import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  resolve: { conditions: ["holdfast-source", "module", "browser", "import", "default"] },
  // The gateway replaces the placeholder by a fresh nonce in every answer (CSP3 §8.2, strict-dynamic).
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
