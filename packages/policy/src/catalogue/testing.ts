// Testing and compliance.
import { attackInterval, controlsOf } from "./control.ts";

export const testing = controlsOf(
  {
    kind: "measure",
    phase: "Phase 4: Monitoring & Compliance (3 weeks)",
    section: "Week 13: Compliance & Testing",
    intervalSeconds: attackInterval,
  },
  [
    {
      id: "penetration-testing",
      line: "Penetration testing",
      sentence:
        "All attacks of the list are run against a production-like deployment, and what a person finds beyond them becomes a check.",
      layers: ["people", "monitoring"],
      subjects: ["Penetration testing"],
      checks: [],
    },
    {
      id: "vulnerability-scanning",
      line: "Vulnerability scanning",
      sentence:
        "Dependencies and images are scanned against current advisories, and a planted known vulnerability turns the scan red.",
      layers: ["monitoring", "cloud"],
      subjects: ["Vulnerability scanning", "SBOM and dependency policy"],
      checks: [],
    },
    {
      id: "security-audits",
      line: "Security audits",
      sentence: "An auditor can verify the evidence of any period with standard tools and without trusting us.",
      layers: ["people"],
      subjects: ["Security audit / final review", "Evidence collection and its integrity"],
      checks: [],
    },
    {
      id: "compliance-checks",
      line: "Compliance checks",
      sentence:
        "Each outside requirement is answered by controls whose status is computed from evidence, never set by hand.",
      layers: ["people", "monitoring"],
      subjects: ["Compliance status review (monthly)", "Exceptions / risk acceptance"],
      checks: [],
    },
    {
      id: "documentation",
      line: "Documentation",
      sentence:
        "The documents describe what runs, because they are made from the same policy and a test compares the two.",
      layers: ["people"],
      subjects: ["Operating procedures and checklists", "Change management"],
      checks: [],
    },
  ],
);
