// vitest's globalSetup: one PostgreSQL for the whole run, started before the first test and gone after the last.
import type { TestProject } from "vitest/node";
import { startTestCluster, type TestCluster, type TestClusterAddress } from "./test-cluster.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly holdfastCluster: TestClusterAddress;
  }
}

let cluster: TestCluster | undefined;

export async function setup(project: TestProject): Promise<void> {
  cluster = await startTestCluster();
  project.provide("holdfastCluster", cluster.address);
}

export async function teardown(): Promise<void> {
  await cluster?.stop();
}
