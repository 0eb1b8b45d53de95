import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["holdfast-source"] },
  ssr: { resolve: { conditions: ["holdfast-source"] } },
  test: {
    include: ["{packages,apps,examples,test,scripts,bench}/**/*.test.{ts,tsx}"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    globalSetup: ["packages/postgres/src/testing/vitest-cluster.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    execArgv: ["--conditions=holdfast-source"],
  },
});
