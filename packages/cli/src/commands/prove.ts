// `holdfast prove`: attacks what it is told to, tries every check on its broken twin, and says what held. Alone it starts what
// it needs and stops it again; with --target it attacks the deployment that runs and hands its evidence over.

import type { Observation } from "@holdfast/policy";
import type { ControlList, ControlSummary } from "@holdfast/server/api";
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command, CommandInput } from "../command.ts";
import { accessRunning } from "../deployment/access-running.ts";
import { type PlatformAccess, platformClient } from "../deployment/platform-client.ts";
import { loadProject, type Project } from "../project.ts";
import { projectFolder } from "../project-folder.ts";
import { attack } from "../proving/attack.ts";
import { type Choice, chosenChecks } from "../proving/chosen-checks.ts";
import { postEvidence } from "../proving/post-evidence.ts";
import { attackRunning } from "../proving/practise.ts";
import { openProvingGround } from "../proving/proving-ground.ts";
import { runningTarget } from "../proving/running-target.ts";
import { sabotage } from "../proving/sabotage.ts";
import { count } from "../terminal.ts";

type Proof = readonly Pick<ControlSummary, "id" | "status" | "reasons">[];

export const proveCommand: Command = {
  name: "prove",
  summary: "Attack what is named (everything that has a check, when nothing is) and say what held.",
  usage: "prove [control or check …] [--project folder] [--target origin] [--json]",
  options: { project: { type: "string" }, target: { type: "string" } },
  async run(input) {
    const choice = chosenChecks(input.words);
    const project = await loadProject(projectFolder(input.options["project"] as string | undefined));
    const target = input.options["target"] as string | undefined;
    const { observations, proof } =
      target === undefined
        ? await proveAlone(project, choice, input)
        : await proveRunning(project, target, choice, input);
    return tell(input, choice, observations, proof);
  },
};

interface Outcome {
  readonly observations: readonly Observation[];
  readonly proof: Proof;
}

async function proveAlone(project: Project, choice: Choice, { terminal }: CommandInput): Promise<Outcome> {
  terminal.progress("Starting a proving ground …");
  const ground = await openProvingGround(project, terminal);
  try {
    const attacks = await attack(ground.target, choice.checks, terminal);
    const sabotages = await sabotage(ground, choice.checks, terminal);
    return { observations: attacks, proof: await proofOf(ground.access, choice, [...attacks, ...sabotages]) };
  } finally {
    await ground.close();
  }
}

/** The deployment itself computes the statuses, from the evidence it is given. */
async function proofOf(access: PlatformAccess, choice: Choice, evidence: readonly Observation[]): Promise<Proof> {
  const client = platformClient(access);
  await postEvidence(client, evidence);
  const { controls } = await client.get<ControlList>("/controls");
  const wanted = new Set<string>(choice.controls.map((control) => control.id));
  return controls
    .filter((control) => wanted.has(control.id))
    .map(({ id, status, reasons }) => ({ id, status, reasons }));
}

async function proveRunning(
  project: Project,
  origin: string,
  choice: Choice,
  { terminal }: CommandInput,
): Promise<Outcome> {
  const access = await accessRunning(project.folder);
  if (new URL(origin).origin !== access.origin) {
    throw new CliError(
      "cli/target-refused",
      `--target was expected to be the deployment of this project, ${access.origin}; it is ${origin}`,
      "attack only what you own: give the project of that deployment with --project",
    );
  }
  const opened = await runningTarget(project, access);
  try {
    const observations = await attackRunning(project, opened.target, choice.checks, terminal);
    return { observations, proof: await proofOf(access, choice, observations) };
  } finally {
    await opened.close();
  }
}

function tell(
  { terminal, json }: CommandInput,
  choice: Choice,
  observations: readonly Observation[],
  proof: Proof,
): number {
  json({
    controls: proof.map(({ id, status }) => ({ id, status })),
    checks: observations.map(({ check, result, looked, seen }) => ({ id: check, result, looked, seen })),
  });
  for (const { id, status, reasons } of proof) {
    terminal.line(
      `${status.padEnd(10)} ${id.padEnd(26)} ${status === "held" ? "" : (reasons[0]?.sentence ?? "")}`.trimEnd(),
    );
  }
  const held = proof.filter(({ status }) => status === "held").length;
  terminal.line();
  terminal.line(`${held} of ${count(proof.length, "control")} held; ${count(choice.checks.length, "check")} ran.`);
  if (proof.some(({ status }) => status === "broken") || observations.some(({ result }) => result === "broken"))
    return exitCodes.broken;
  return proof.length > 0 && held === proof.length ? exitCodes.held : exitCodes.unproven;
}
