// `holdfast explain <control>`: what a control promises, where it is enforced, which checks prove it. Reads no deployment.
import { type Control, controlById, controls } from "@holdfast/policy";
import { checks } from "@holdfast/probes";
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { typed } from "../command-name.ts";

export const explainCommand: Command = {
  name: "explain",
  summary: "Say what a control promises, where it is enforced and which attacks prove it.",
  usage: "explain [control or check …] [--json]",
  options: {},
  async run({ words, terminal, json }) {
    const [id] = words;
    if (id === undefined) {
      json(controls);
      for (const control of controls) terminal.line(`${control.id.padEnd(30)} ${control.sentence}`);
      return exitCodes.held;
    }
    const found = words.map(controlOrCheck);
    json(found.length === 1 ? found[0]?.document : found.map(({ document }) => document));
    for (const { lines } of found) for (const line of lines) terminal.line(line);
    return exitCodes.held;
  },
};

interface Explained {
  readonly document: unknown;
  readonly lines: readonly string[];
}

function controlOrCheck(id: string): Explained {
  const control = controlById(id);
  if (control !== undefined) {
    return { document: { ...control, checks: control.checks.map(describeCheck) }, lines: controlLines(control) };
  }
  const check = checks.find((each) => each.id.toUpperCase() === id.toUpperCase());
  if (check !== undefined)
    return { document: { ...describeCheck(check.id), asvs: check.asvs }, lines: checkLines(check.id) };
  const near = controls.filter((each) => each.id.includes(id)).map((each) => each.id);
  throw new CliError(
    "cli/unknown-control",
    `there is no control and no check ${JSON.stringify(id)}`,
    near.length > 0 ? `did you mean ${near.join(", ")}?` : `${typed("explain")} lists the controls`,
  );
}

function checkLines(id: string): readonly string[] {
  const { title, sabotage } = describeCheck(id);
  const needing = controls.filter((control) => control.checks.includes(id)).map((control) => control.id);
  return [id, `  ${title}`, `  sabotage: ${sabotage}`, `  needed by: ${needing.join(", ")}`];
}

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
