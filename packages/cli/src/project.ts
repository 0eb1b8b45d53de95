// A project is a folder with security.ts (what must hold) and deployment.ts (how it runs here). Everything that Holdfast
// keeps for it lies in its folder .holdfast, which is never committed.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Policy, PolicyError } from "@holdfast/policy";
import type { Deployment } from "@holdfast/server";
import { CliError } from "./cli-error.ts";
import { typed } from "./command-name.ts";

export interface Project {
  readonly folder: string;
  readonly dataDirectory: string;
  readonly policy: Policy;
  readonly deployment: Deployment;
}

const POLICY_FILE = "security.ts";
const DEPLOYMENT_FILE = "deployment.ts";

/** Loads `security.ts` alone: enough for `explain` and `plan --offline`. */
export async function loadPolicy(folder: string): Promise<Policy> {
  const policy = await importDefault(folder, POLICY_FILE);
  if (!isPolicy(policy)) {
    throw new CliError(
      "cli/project-invalid",
      `${POLICY_FILE} was expected to export a policy as default; it exports ${describe(policy)}`,
      "write: export default defineSecurity({ … })",
    );
  }
  return policy;
}

/** Loads a project folder. Mistakes in the policy come back all at once as a PolicyError. */
export async function loadProject(folder: string): Promise<Project> {
  const policy = await loadPolicy(folder);
  const deployment = await importDefault(folder, DEPLOYMENT_FILE);
  if (typeof deployment !== "object" || deployment === null || !("services" in deployment)) {
    throw new CliError(
      "cli/project-invalid",
      `${DEPLOYMENT_FILE} was expected to export a deployment as default; it exports ${describe(deployment)}`,
      "write: export default defineDeployment({ … })",
    );
  }
  return {
    folder: resolve(folder),
    dataDirectory: resolve(folder, ".holdfast"),
    policy,
    deployment: deployment as Deployment,
  };
}

async function importDefault(folder: string, file: string): Promise<unknown> {
  const path = join(resolve(folder), file);
  if (!existsSync(path)) {
    throw new CliError(
      "cli/project-missing",
      `${file} was expected in ${resolve(folder)}; there is none`,
      `name the project's folder: ${typed("up path/to/project")}`,
    );
  }
  try {
    const loaded = (await import(pathToFileURL(path).href)) as { default?: unknown };
    return loaded.default;
  } catch (cause) {
    // A policy with mistakes speaks for itself; anything else that fails to load is told with the file's name.
    if (cause instanceof PolicyError) throw cause;
    throw new CliError(
      "cli/project-invalid",
      `${file} could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      "does it run? try: node " + file,
      cause,
    );
  }
}

function isPolicy(value: unknown): value is Policy {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "policy";
}

function describe(value: unknown): string {
  return value === undefined ? "nothing" : Array.isArray(value) ? "a list" : `a value of type ${typeof value}`;
}
