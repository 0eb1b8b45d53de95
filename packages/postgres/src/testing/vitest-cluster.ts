// vitest's globalSetup: a folder for everything temporary and one PostgreSQL for the whole run, gone after the last test.
import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { makeThrowawayFolder } from "../throwaway-folder.ts";
import { startTestCluster, type TestCluster, type TestClusterAddress } from "./test-cluster.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly holdfastCluster: TestClusterAddress;
  }
}

/** What a run has on disk at most. */
const RUN_BYTES = 2 * 2 ** 30;
/** As /tmp: everybody may make something there, and remove it only themselves. */
const TEMPORARY_MODE = 0o1777;

let cluster: TestCluster | undefined;
let folder: string | undefined;

export async function setup(project: TestProject): Promise<void> {
  folder = await makeThrowawayFolder("holdfast-run-", RUN_BYTES);
  await chmod(folder, TEMPORARY_MODE);
  // The tests' processes, which start later, inherit both. What one of them compiled the next need not.
  process.env["TMPDIR"] = folder;
  process.env["NODE_COMPILE_CACHE"] = join(folder, "compiled");
  cluster = await startTestCluster();
  project.provide("holdfastCluster", cluster.address);
}

export async function teardown(): Promise<void> {
  await cluster?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}
