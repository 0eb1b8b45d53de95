// The ground of a deployment that runs already: its vault, and its cluster without the power to stop it.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Cluster } from "@holdfast/postgres";
import { openVault } from "@holdfast/vault";
import type { Ground } from "./ground.ts";
import type { RunningRecord } from "./running.ts";

const ADMINISTRATOR = "holdfast_administrator";
const MAINTENANCE_DATABASE = "postgres";
const SECRET_BYTES = 32;

export async function attachGround(dataDirectory: string, { database }: RunningRecord): Promise<Ground> {
  const vault = await openVault({ directory: join(dataDirectory, "vault") });
  const secret = (name: string): Promise<string> =>
    vault.secret(name, () => randomBytes(SECRET_BYTES).toString("base64url"));
  const superuserPassword = await secret("postgres-superuser");
  const cluster: Cluster = {
    kind: "given",
    version: database.version,
    maintenanceDatabase: MAINTENANCE_DATABASE,
    settings: (name, role) => ({
      host: database.host,
      port: database.port,
      database: name,
      user: role?.user ?? ADMINISTRATOR,
      password: role?.password ?? superuserPassword,
    }),
    async stop() {},
    onExit() {},
  };
  return { vault, cluster, database: database.name, secret, close: () => vault.close() };
}
