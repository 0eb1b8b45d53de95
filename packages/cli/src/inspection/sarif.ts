// An inspection as SARIF 2.1.0 (OASIS), which code hosts show beside the code.
import { attackText, type Finding, type Inspection, inspectionRules } from "@holdfast/postgres";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/** GitHub ranks by this number: CVSS-like, 0 to 10. */
const RANKS = { error: "8.0", warning: "5.0", note: "2.0" } as const;

export function sarifOf(inspection: Inspection, version: string): unknown {
  const rules = inspectionRules.map((rule) => ({
    id: rule.id,
    shortDescription: { text: rule.title },
    fullDescription: { text: rule.why },
    defaultConfiguration: { level: rule.severity },
    properties: { "security-severity": RANKS[rule.severity], tags: ["security", "postgresql"] },
  }));
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "holdfast inspect", version, rules } },
        results: inspection.findings.map((finding) => resultOf(finding)),
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: inspection.unseen.map(({ rule, what, hint }) => ({
              level: "warning",
              message: { text: `${rule}: ${what}. ${hint}` },
            })),
          },
        ],
      },
    ],
  };
}

function resultOf(finding: Finding): unknown {
  const attack = finding.attack === undefined ? "" : `\n\nAttack:\n${attackText(finding.attack)}`;
  return {
    ruleId: finding.rule,
    ruleIndex: inspectionRules.findIndex(({ id }) => id === finding.rule),
    level: finding.severity,
    message: { text: `${finding.object}: ${finding.found}${attack}\n\nMend:\n${finding.fix.join("\n")}` },
    // A database has no files; hosts want one. The object is the place.
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: "security.ts" }, region: { startLine: 1 } },
        logicalLocations: [{ fullyQualifiedName: finding.object, kind: "resource" }],
      },
    ],
    partialFingerprints: { "holdfast/v1": `${finding.rule}:${finding.object}` },
  };
}
