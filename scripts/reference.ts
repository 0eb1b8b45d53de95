// `npm run golden` writes REFERENCE.md from the code; test/documents.test.ts refuses a copy that differs.
import { controls, eventKinds } from "@holdfast/policy";
import { checks } from "@holdfast/probes";
import { commands } from "../packages/cli/src/commands.ts";

const row = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
const code = (text: string): string => `\`${text}\``;
const list = (items: readonly string[]): string => (items.length === 0 ? "–" : items.map(code).join(" "));

export function referenceText(): string {
  return [
    "# Reference",
    "",
    "Written from the code by `npm run golden`; a test refuses a copy that differs.",
    "",
    "## Commands",
    "Every command takes `--json`. Exit codes: 0 held, 1 broken, 2 unproven, 3 misuse or failure.",
    "",
    row("command", "what it does"),
    "|---|---|",
    ...commands.map((command) => row(code(`holdfast ${command.usage}`), command.summary)),
    "",
    "## Controls",
    `The ${controls.length} lines of the plan. A control without a check is \`unproven\`.`,
    "",
    row("control", "promise", "layers", "checks"),
    "|---|---|---|---|",
    ...controls.map((control) =>
      row(code(control.id), control.sentence, control.layers.join(", "), list(control.checks)),
    ),
    "",
    "## Checks",
    "Each check attacks the running system; each has a sabotage, the hole that must turn it red.",
    "",
    row("check", "what must not work", "sabotage", "ASVS 5.0", "WSTG", "events"),
    "|---|---|---|---|---|---|",
    ...checks.map((check) =>
      row(
        code(check.id),
        check.title,
        check.sabotage.name,
        check.asvs.join(" "),
        check.wstg.join(" "),
        list(check.events),
      ),
    ),
    "",
    "## Events",
    "OCSF class and severity (1 informational … 5 critical).",
    "",
    row("event", "class", "severity", "meaning"),
    "|---|---|---|---|",
    ...Object.entries(eventKinds).map(([name, kind]) =>
      row(code(name), String(kind.classUid), String(kind.severityId), kind.sentence),
    ),
    "",
  ].join("\n");
}
