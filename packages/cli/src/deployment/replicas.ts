// Replicas that a team runs itself, and what `holdfast up` says of replicas.
import { parseDatabaseUrl } from "@holdfast/postgres";
import type { ReplicaSettings } from "@holdfast/server";
import type { ReplicaStatus } from "@holdfast/server/api";
import { CliError } from "../cli-error.ts";
import { count, type Terminal } from "../terminal.ts";

const NAME = "DATABASE_REPLICA_URLS";

/** The servers that `DATABASE_REPLICA_URLS` names, apart by blanks; each like DATABASE_URL. */
export async function givenReplicas(environment: NodeJS.ProcessEnv): Promise<NonNullable<ReplicaSettings["given"]>> {
  const urls = (environment[NAME] ?? "").split(/\s+/).filter((url) => url !== "");
  return Promise.all(
    urls.map(async (url, index) => {
      const name = `replica_${index + 1}`;
      const { settings } = await parseDatabaseUrl(url).catch((cause: unknown) => {
        throw new CliError(
          "cli/replica-invalid",
          `${NAME} was expected to hold URLs like DATABASE_URL; the ${index + 1}. is none: ${(cause as Error).message}`,
          "write them apart by blanks, each as postgres://user:password@host:5432/database",
          cause,
        );
      });
      return { name, settings: (database, role) => ({ ...settings, database, ...role }) };
    }),
  );
}

export function showReplicas(terminal: Terminal, { wanted, replicas }: ReplicaStatus): void {
  if (wanted === 0) return;
  const following = replicas.filter(({ state }) => state === "following").length;
  const words = `${following} of ${count(wanted, "replica")} follow${following === 1 ? "s" : ""}`;
  if (following === wanted) terminal.done(words);
  else terminal.warn(`${words}; reads go to the primary where none does`);
}
