// The ground of a deployment that runs already: its vault, and its cluster without the power to stop it.
import { randomBytes } from "node:crypto";
import { attachCluster, type Cluster, connectGiven } from "@holdfast/postgres";
import { CliError } from "../cli-error.ts";
import type { Ground } from "./ground.ts";
import { openVaultAt } from "./open-vault.ts";
import type { RunningRecord } from "./running.ts";

const SECRET_BYTES = 32;

/** @throws CliError when the deployment's PostgreSQL was given, and DATABASE_URL is not there to reach it. */
export async function attachGround(dataDirectory: string, { database }: RunningRecord): Promise<Ground> {
  const cluster = database.kind === "given" ? await givenCluster() : undefined;
  const vault = await openVaultAt(dataDirectory);
  const secret = (name: string): Promise<string> =>
    vault.secret(name, () => randomBytes(SECRET_BYTES).toString("base64url"));
  return {
    vault,
    cluster:
      cluster ??
      (await attachCluster({
        ...database,
        superuserPassword: await secret("postgres-superuser"),
        authority: () => vault.certificateAuthority(),
      })),
    database: database.name,
    dataDirectory,
    secret,
    close: () => vault.close(),
  };
}

function givenCluster(): Promise<Cluster> {
  const databaseUrl = process.env["DATABASE_URL"];
  if (databaseUrl !== undefined) return connectGiven(databaseUrl, process.env["DATABASE_POOLER_URL"]);
  throw new CliError(
    "cli/not-running",
    "this deployment runs on a PostgreSQL that was given; DATABASE_URL was expected to name it, and is not set",
    "set DATABASE_URL to what the deployment was started with",
  );
}
