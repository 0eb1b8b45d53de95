// `holdfast up`: starts a project, proves it once, prints one short page, and stops everything backwards on Ctrl-C.
import { exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { typed } from "../command-name.ts";
import { type Opened, openUp } from "../deployment/open-up.ts";
import { withPort } from "../deployment/port.ts";
import { loadProject } from "../project.ts";
import { projectFolder } from "../project-folder.ts";
import { seconds } from "../proving/attack.ts";
import { proveStale } from "../proving/prove-stale.ts";
import { count, type Terminal } from "../terminal.ts";

const REPROVE_INTERVAL_MS = 60 * 60 * 1000;

export const upCommand: Command = {
  name: "up",
  summary: "Start a project, attack it once, and keep it running until Ctrl-C.",
  usage: "up [folder] [--port number] [--no-prove] [--json]",
  options: { port: { type: "string" }, "no-prove": { type: "boolean" } },
  async run({ words, options, terminal, json }) {
    const startedAt = Date.now();
    const stopAsked = stopSignal();
    const project = withPort(await loadProject(projectFolder(words[0])), options["port"] as string | undefined);
    const { services, tables, sites } = project.policy;
    const routes = Object.values(services).flatMap((service) => Object.keys(service.routes));
    terminal.done(
      `Policy: ${Object.keys(tables).length} tables, ${routes.length} routes, ${Object.keys(sites).length} sites`,
    );
    const opened = await openUp(project, terminal, process.env["DATABASE_URL"]);
    try {
      terminal.done(`Ready in ${seconds(Date.now() - startedAt)}`);
      printAddresses(terminal, opened);
      const sentence =
        options["no-prove"] === true ? await opened.sentence() : await proveStale(opened, terminal, stopAsked.signal);
      terminal.line();
      terminal.line(`  ${sentence}`);
      terminal.line(
        `  ${await opened.unprovable()} of the plan have no check that could prove them yet; ${typed("status")} lists all.`,
      );
      terminal.line("  Ctrl-C stops everything.");
      json({ origin: opened.origin, pid: process.pid, sentence });
      await keepProven(opened, terminal, stopAsked.signal);
    } finally {
      terminal.progress("Stopping …");
      await opened.stop();
      terminal.done("Stopped; the data is kept.");
    }
    return exitCodes.held;
  },
};

/** One signal asks to stop; a second one is the operating system's to obey. */
function stopSignal(): AbortController {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => controller.abort());
  return controller;
}

/** At once, so that nobody waits for the attacks before opening a page. */
function printAddresses(terminal: Terminal, { origin, administrator }: Opened): void {
  terminal.line();
  terminal.line(`  Application  ${origin}/`);
  terminal.line(`  Console      ${origin}/console`);
  if (administrator === undefined) {
    terminal.line(`  Password     lost? ${typed("administrator")} makes a new one`);
  } else {
    terminal.line(`  Sign in as   ${administrator.email}`);
    terminal.line(
      `  Password     ${administrator.password}   (shown once; a second factor is set up at the first sign-in)`,
    );
  }
  terminal.line(
    `  Certificate  signed by this deployment's own authority; ${typed("trust")} lets your browsers know it`,
  );
  terminal.line();
}

/** Evidence ages: what has become stale is attacked again, as long as the deployment runs. */
async function keepProven(opened: Opened, terminal: Terminal, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, REPROVE_INTERVAL_MS);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      stop.addEventListener("abort", done, { once: true });
      opened.onFailure(done);
    });
    if (opened.failure() !== undefined) throw opened.failure();
    if (stop.aborted) return;
    const differences = await opened.watchDrift();
    if (differences > 0)
      terminal.warn(
        `The database differs from the policy in ${count(differences, "place")}; ${typed("plan")} names them.`,
      );
    await proveStale(opened, terminal, stop);
  }
}
