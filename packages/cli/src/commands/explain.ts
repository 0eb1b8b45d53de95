// `holdfast explain <control>`: what a control promises, where it is enforced, which checks prove it. Reads no deployment.
import { type Control, controlById, controls } from "@holdfast/policy";
import { checks } from "@holdfast/probes";
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";

export const explainCommand: Command = {
  name: "explain",
  summary: "Say what a control promises, where it is enforced and which attacks prove it.",
  usage: "explain [control] [--json]",
  options: {},
  async run({ words, terminal, json, isJson }) {
    const [id] = words;
    if (id === undefined) {
      if (isJson) json(controls);
      for (const control of controls) terminal.line(`${control.id.padEnd(30)} ${control.sentence}`);
      return exitCodes.held;
    }
    const control = controlById(id);
    if (control === undefined) {
      const near = controls.filter((each) => each.id.includes(id)).map((each) => each.id);
      throw new CliError(
        "cli/unknown-control",
        `there is no control ${JSON.stringify(id)}`,
        near.length > 0 ? `did you mean ${near.join(", ")}?` : "holdfast explain lists them all",
      );
    }
    if (isJson) json({ ...control, checks: control.checks.map((check) => describeCheck(check)) });
    for (const line of controlLines(control)) terminal.line(line);
    return exitCodes.held;
  },
};

function describeCheck(id: string): { id: string; title: string; sabotage: string } {
  const check = checks.find((each) => each.id === id);
  return { id, title: check?.title ?? "(not built)", sabotage: check?.sabotage.name ?? "(none)" };
}

function controlLines(control: Control): readonly string[] {
  const proofs = control.checks.map(describeCheck);
  const maps = Object.entries(control.maps).filter(([, ids]) => ids.length > 0);
  return [
    control.id,
    `  ${control.sentence}`,
    `  plan:    phase ${control.plan.phase ?? "–"} · ${control.plan.section} · ${control.plan.line}`,
    `  layers:  ${control.layers.join(", ")}`,
    ...maps.map(([standard, ids]) => `  ${standard.padEnd(8)} ${ids.join(", ")}`),
    ...(proofs.length === 0
      ? ["  proof:   none is built yet, so the control is unproven"]
      : proofs.map((proof) => `  ${proof.id.padEnd(8)} ${proof.title}\n           sabotage: ${proof.sabotage}`)),
  ];
}
