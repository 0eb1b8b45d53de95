import { defineConfig } from "vitest/config";

/**
 * Their tests keep nothing in modules or the process, so that a worker need not load everything anew for each file. Not among them is
 * what compares times, and what waits for keys that other instances change.
 */
const sharing = [
  "packages/{gateway,policy,vault}/**/*.test.ts",
  "packages/identity/src/!(account|key)/**/*.test.ts",
  "packages/identity/src/account/!(enumeration-time).test.ts",
];

const everyProject = {
  resolve: { conditions: ["holdfast-source"] },
  ssr: { resolve: { conditions: ["holdfast-source"] } },
};
const everyTest = {
  testTimeout: 30_000,
  hookTimeout: 60_000,
  // What is waited for comes at once, or never; a busy machine may need longer than the usual second.
  expect: { poll: { timeout: 10_000 } },
  execArgv: ["--conditions=holdfast-source"],
};
const never = ["**/node_modules/**", "**/dist/**"];

export default defineConfig({
  ...everyProject,
  test: {
    globalSetup: ["packages/postgres/src/testing/vitest-cluster.ts"],
    maxWorkers: 2,
    projects: [
      { ...everyProject, test: { ...everyTest, name: "sharing", include: sharing, exclude: never, isolate: false } },
      {
        ...everyProject,
        test: {
          ...everyTest,
          name: "apart",
          include: ["{packages,apps,examples,test,scripts,bench}/**/*.test.{ts,tsx}"],
          exclude: [...never, ...sharing],
        },
      },
    ],
  },
});
