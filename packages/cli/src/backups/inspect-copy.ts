// What the command line, which knows the compiled policy, looks at in a copy that was restored on trial.
import { compilePostgres } from "@holdfast/compile";
import type { Policy } from "@holdfast/policy";
import type { DrillCopy } from "@holdfast/postgres";
import type { DrillStep } from "@holdfast/server";
import type pg from "pg";
import { planDatabase } from "../database/plan-database.ts";
import { attackCopy } from "./attack-copy.ts";
import type { Inspection } from "./inspection.ts";
import { openSealedValues } from "./open-sealed-values.ts";

/** The steps `policy`, `attack` and, where the policy seals columns, `sealed`. */
export async function inspectCopy(copy: DrillCopy, inspection: Inspection): Promise<readonly DrillStep[]> {
  const client = await copy.administrator(inspection.database.database);
  try {
    const policy = await comparePolicy(client, inspection.policy);
    const sealed = await openSealedValues(client, inspection);
    const attack: DrillStep =
      policy.result === "unproven"
        ? { name: "attack", result: "unproven", seen: "Another policy was live then; its rows were not attacked." }
        : await attackCopy(copy, client, inspection);
    return [policy, attack, ...(sealed === undefined ? [] : [sealed])];
  } finally {
    await client.end();
  }
}

/** Where another policy was live at the restored moment nothing can be compared; that is no fault of the backup. */
async function comparePolicy(client: pg.Client, policy: Policy): Promise<DrillStep> {
  const artifact = compilePostgres(policy);
  const { appliedHash, changes, obstacles } = await planDatabase(client, artifact);
  if (appliedHash !== artifact.hash)
    return { name: "policy", result: "unproven", seen: "Another policy was live at the restored moment." };
  const [first, ...more] = [...obstacles, ...changes];
  if (first === undefined)
    return { name: "policy", result: "held", seen: "Roles, rights and policies are what the policy compiles to." };
  return { name: "policy", result: "broken", seen: `${more.length + 1} differences, the first in ${first.object}.` };
}
