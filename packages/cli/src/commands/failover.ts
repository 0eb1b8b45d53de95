// `holdfast failover --drill`: promotes a copy of the running database, measures how long it takes until it can be written to, and
// removes it again. Failing over for real is left to engines that have a quorum and can fence.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { BACKUP_PASSWORD_NAME, BACKUP_ROLE, ensureBackupRole, failoverDrill } from "@holdfast/postgres";
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { typed } from "../command-name.ts";
import { attachGround } from "../deployment/attach-ground.ts";
import { requireRunning } from "../deployment/running.ts";
import { loadProject } from "../project.ts";
import { projectFolder } from "../project-folder.ts";

const NAME_BYTES = 4;

export const failoverCommand: Command = {
  name: "failover",
  summary: "Rehearse a failover on a copy of the running database, and say how long it takes.",
  usage: "failover --drill [folder] [--json]",
  options: { drill: { type: "boolean" } },
  async run({ words, options, terminal, json }) {
    if (options["drill"] !== true) {
      throw new CliError(
        "cli/failover-elsewhere",
        "--drill was expected: Holdfast rehearses a failover on a copy and never fails over by itself",
        `${typed("failover --drill")}; for real failover use Patroni, CloudNativePG or RDS Multi-AZ, which have a quorum and fence the old primary`,
      );
    }
    const project = await loadProject(projectFolder(words[0]));
    const ground = await attachGround(project.dataDirectory, requireRunning(project.dataDirectory));
    try {
      if (ground.cluster.socketFolder === undefined) {
        throw new CliError(
          "cli/failover-elsewhere",
          "the embedded PostgreSQL was expected; this deployment runs on one that was given",
          "rehearse its failover with the engine that runs it: Patroni's switchover, CloudNativePG's promote, RDS's reboot with failover",
        );
      }
      const name = `drill_${randomBytes(NAME_BYTES).toString("hex")}`;
      const password = await ground.secret(BACKUP_PASSWORD_NAME);
      await ensureBackupRole(ground.cluster, password);
      terminal.progress("Copying the database …");
      const report = await failoverDrill({
        name,
        directory: join(project.dataDirectory, name),
        primary: ground.cluster,
        replication: { user: BACKUP_ROLE, password },
        superuserPassword: await ground.secret("postgres-superuser"),
        database: ground.database,
        progress: (message) => terminal.progress(`${message} …`),
      });
      json(report);
      const { copiedMs, caughtUpMs, firstWriteMs, timeline, isComplete } = report;
      terminal.line(`Copied       ${seconds(copiedMs)}`);
      terminal.line(`Caught up    ${seconds(caughtUpMs)} later`);
      terminal.line(`First write  ${seconds(firstWriteMs)} after the order to promote, on timeline ${timeline.after}`);
      if (isComplete) terminal.done("Nothing that was committed is missing; the copy is removed");
      else terminal.warn("The copy lacks something that was committed; it is removed");
      return isComplete ? exitCodes.held : exitCodes.broken;
    } finally {
      await ground.close();
    }
  },
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
