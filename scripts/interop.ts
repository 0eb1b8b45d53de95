// `npm run test:interop`: tests against software that is not ours and does not come from npm. What cannot run here is said loudly,
// and a run in which nothing ran is no success.
import { existsSync } from "node:fs";
import { startMoto } from "../test/interop/moto.ts";
import { startThrowawayCluster } from "../test/interop/throwaway-cluster.ts";
import { PGBOUNCER } from "../test/interop/throwaway-pooler.ts";
import { run } from "./run.ts";

interface Suite {
  readonly name: string;
  /** Runs it; resolves with why it could not when what it needs is not there. Rejects when it failed. */
  run(): Promise<{ readonly skipped: string } | { readonly passed: boolean }>;
}

const DEBIAN_PROGRAMS = "/usr/lib/postgresql/15/bin";
const CONFIG = "test/interop/vitest.config.ts";

const suites: readonly Suite[] = [
  {
    name: "PostgreSQL 15 as Debian ships it, by DATABASE_URL",
    async run() {
      if (!(await hasPostgresql())) {
        return { skipped: `${DEBIAN_PROGRAMS} is missing, and this user cannot install postgresql-15 with apt-get` };
      }
      const cluster = await startThrowawayCluster(DEBIAN_PROGRAMS);
      try {
        return { passed: await passes("given-postgresql", { DATABASE_URL: cluster.databaseUrl }) };
      } finally {
        await cluster.stop();
      }
    },
  },
  {
    name: "PgBouncer as Debian ships it, in transaction mode",
    async run() {
      if (!(await hasPostgresql())) return { skipped: `${DEBIAN_PROGRAMS} is missing, and cannot be installed` };
      if (!(await hasPgbouncer()))
        return { skipped: `${PGBOUNCER} is missing, and this user cannot install pgbouncer` };
      const cluster = await startThrowawayCluster(DEBIAN_PROGRAMS);
      try {
        return { passed: await passes("pooler", { DATABASE_URL: cluster.databaseUrl }) };
      } finally {
        await cluster.stop();
      }
    },
  },
  {
    name: "PostgreSQL of your own, by the DATABASE_URL that you give",
    async run() {
      const databaseUrl = process.env["DATABASE_URL"];
      if (databaseUrl === undefined) return { skipped: "DATABASE_URL is not set" };
      return { passed: await passes("given-postgresql", { DATABASE_URL: databaseUrl }) };
    },
  },
  {
    name: "S3 as moto imitates it",
    async run() {
      const moto = await startMoto().catch((error: Error) => error);
      if (moto instanceof Error)
        return { skipped: `moto cannot be installed from PyPI here: ${moto.message.slice(0, 200)}` };
      try {
        return { passed: await passes("s3", { HOLDFAST_TEST_S3: moto.endpoint }) };
      } finally {
        await moto.stop();
      }
    },
  },
  {
    name: "AWS KMS and Secrets Manager as moto imitates them",
    async run() {
      const moto = await startMoto().catch((error: Error) => error);
      if (moto instanceof Error)
        return { skipped: `moto cannot be installed from PyPI here: ${moto.message.slice(0, 200)}` };
      try {
        const env = { HOLDFAST_TEST_KMS: moto.endpoint, HOLDFAST_TEST_AWS: moto.endpoint };
        return { passed: await passes("aws-", env) };
      } finally {
        await moto.stop();
      }
    },
  },
];

async function passes(filter: string, env: Record<string, string>): Promise<boolean> {
  const { exitCode } = await run("vitest", ["run", "--config", CONFIG, filter], { show: true, env });
  return exitCode === 0;
}

const hasPostgresql = (): Promise<boolean> => hasPackage("postgresql-15", DEBIAN_PROGRAMS);
const hasPgbouncer = (): Promise<boolean> => hasPackage("pgbouncer", PGBOUNCER);

async function hasPackage(name: string, path: string): Promise<boolean> {
  if (existsSync(path)) return true;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return false;
  console.log(`Installing ${name} (Debian package, once) …`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { env });
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", name], { env });
  return existsSync(path);
}

const count = { passed: 0, failed: 0, skipped: 0 };
const closing: string[] = [];
for (const suite of suites) {
  try {
    const result = await suite.run();
    const outcome = "skipped" in result ? "skipped" : result.passed ? "passed" : "failed";
    count[outcome] += 1;
    closing.push(
      "skipped" in result ? `SKIPPED: ${suite.name.toUpperCase()} – ${result.skipped}` : `${outcome}: ${suite.name}`,
    );
  } catch (error) {
    // One suite that cannot even start must not hide what the others say.
    count.failed += 1;
    closing.push(`FAILED: ${suite.name} – ${String(error)}`);
  }
}
console.log(`\n${closing.join("\n")}`);
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} SKIPPED`);
process.exitCode = count.failed === 0 && count.passed > 0 ? 0 : 1;
