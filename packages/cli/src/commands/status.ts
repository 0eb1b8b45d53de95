// `holdfast status`: the status of every control, as the running deployment computes it from its evidence.
import type { ControlList, ControlSummary } from "@holdfast/server/api";
import { exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { accessRunning } from "../deployment/access-running.ts";
import { platformClient } from "../deployment/platform-client.ts";
import { projectFolder } from "../project-folder.ts";

export const statusCommand: Command = {
  name: "status",
  summary: "Show the status of every control, from the evidence of the running deployment.",
  usage: "status [folder] [--json]",
  options: {},
  async run({ words, terminal, json }) {
    const access = await accessRunning(projectFolder(words[0]));
    const { controls, score } = await platformClient(access).get<ControlList>("/controls");
    json({
      score,
      controls: controls.map(({ id, status, reasons, provenAt }) => ({ id, status, reasons, provenAt })),
    });
    for (const control of controls)
      terminal.line(`${control.status.padEnd(12)} ${control.id.padEnd(30)} ${reasonOf(control)}`);
    terminal.line();
    terminal.line(score.sentence);
    return exitCodeOf(controls);
  },
};

function reasonOf(control: ControlSummary): string {
  return control.reasons[0]?.sentence ?? "";
}

/** Broken outweighs unproven; a control without a check is unproven, and that shows in the list, not in the exit code. */
export function exitCodeOf(controls: readonly Pick<ControlSummary, "status" | "checks">[]): number {
  const provable = controls.filter((control) => control.checks.length > 0);
  if (provable.some((control) => control.status === "broken")) return exitCodes.broken;
  return provable.every((control) => ["held", "excepted", "out-of-scope"].includes(control.status)) &&
    provable.length > 0
    ? exitCodes.held
    : exitCodes.unproven;
}
