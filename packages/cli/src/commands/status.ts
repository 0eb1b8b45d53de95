// `holdfast status`: the status of every control, as the running deployment computes it from its evidence.
import type { ControlList, ControlSummary } from "@holdfast/server/api";
import { exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { typed } from "../command-name.ts";
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
    const why = whyNothingHolds(controls);
    if (why !== null) terminal.line(why);
    return exitCodeOf(controls);
  },
};

function reasonOf(control: ControlSummary): string {
  return control.reasons[0]?.sentence ?? "";
}

/** A deployment that has just started at another address, under another policy or version has proven nothing yet: that is no failure. */
export function whyNothingHolds(
  controls: readonly Pick<ControlSummary, "status" | "checks" | "reasons" | "running">[],
): string | null {
  const provable = controls.filter((control) => control.checks.length > 0);
  if (provable.length === 0 || provable.some(({ status }) => status === "held" || status === "broken")) return null;
  const codes = new Set(provable.flatMap(({ reasons }) => reasons.map(({ code }) => code)));
  const cause = codes.has("other-policy")
    ? "The evidence there is was made under another policy, or at another address"
    : codes.has("other-version")
      ? "The evidence there is was made by another version"
      : codes.has("stale")
        ? "The evidence there is has grown too old"
        : "No check has run here yet";
  return provable.some(({ running }) => running)
    ? `${cause}. Checks are running now; ask again in a minute.`
    : `${cause}. The checks run in the background after ${typed("up")}; ask again in a minute, or run ${typed("prove")} now.`;
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
