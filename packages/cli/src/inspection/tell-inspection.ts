// An inspection as people read it: the worst first, each rule once with its reason, and under it what it found.
import { attackText, type Finding, type Inspection, inspectionRules, severities } from "@holdfast/postgres";
import { count, type Terminal } from "../terminal.ts";

/** Findings of one rule that are shown without --all. */
const SHOWN_MAX = 5;
const MARKS = { error: "✗", warning: "▲", note: "·" } as const;

export function tellInspection(inspection: Inspection, terminal: Terminal, isAll: boolean): void {
  for (const severity of severities) {
    for (const rule of inspectionRules) {
      const found = inspection.findings.filter((each) => each.rule === rule.id && each.severity === severity);
      if (found.length === 0) continue;
      terminal.line();
      terminal.line(`${MARKS[severity]} ${rule.title}  [${rule.id}]`);
      terminal.line(`  ${rule.why}`);
      for (const finding of isAll ? found : found.slice(0, SHOWN_MAX)) tellFinding(finding, terminal);
      const hidden =
        found.length - (isAll ? found.length : Math.min(found.length, SHOWN_MAX)) + (inspection.more[rule.id] ?? 0);
      if (hidden > 0) terminal.line(`  … and ${hidden} more; --all and --json list them.`);
    }
  }
  terminal.line();
  for (const { rule, what, hint } of inspection.unseen)
    terminal.warn(onOneLine(`Not seen by ${rule}: ${what}. ${hint}`));
  terminal.line(onOneLine(summary(inspection)));
}

function tellFinding(finding: Finding, terminal: Terminal): void {
  terminal.line(`  ${onOneLine(finding.object)}: ${onOneLine(finding.found)}`);
  for (const line of finding.plan ?? []) terminal.line(`      ${onOneLine(line)}`);
  if (finding.attack !== undefined) {
    terminal.line(`    attack  ${attackText(finding.attack).replaceAll(BREAK, " ")}`);
    if (finding.proof !== undefined)
      terminal.line(`            ${finding.proof.outcome}: ${onOneLine(finding.proof.detail)}`);
  }
  finding.fix.forEach((line, index) => terminal.line(`    ${index === 0 ? "mend  " : "      "}  ${onOneLine(line)}`));
}

/** Names belong to whoever owns the database: none begins a line of its own. */
const BREAK = /[\r\n]/g;
const onOneLine = (text: string): string => text.replaceAll(BREAK, (sign) => (sign === "\n" ? "\\n" : "\\r"));

function summary({ findings, looked, requestRoles, server, skippedSchemas }: Inspection): string {
  const numbers = severities.map((severity) =>
    count(findings.filter((each) => each.severity === severity).length, severity),
  );
  const skipped = skippedSchemas.length === 0 ? "" : ` Left out: ${skippedSchemas.join(", ")}.`;
  return (
    `${numbers.join(", ")}. PostgreSQL ${server}: ${count(looked.relations, "relation")} and ${looked.policies} policies by ${count(looked.rules, "rule")}; ` +
    `requests come as ${requestRoles.join(", ")}.${skipped}`
  );
}

/** What --fix prints: SQL, with a line that says what it mends. */
export function fixLines(inspection: Inspection): readonly string[] {
  const lines = inspection.findings.flatMap((finding) => [
    `-- ${finding.rule}: ${finding.object.replaceAll(BREAK, " ")}`,
    ...finding.fix,
    "",
  ]);
  return ["-- Made by holdfast inspect. Nothing was applied: read each line first.", "", ...lines];
}
