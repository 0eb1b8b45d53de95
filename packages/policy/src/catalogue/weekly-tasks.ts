// What is done every week.
import { controlsOf, weeklyInterval } from "./control.ts";

export const weeklyTasks = controlsOf(
  { kind: "task", phase: "Security Checklist", section: "Weekly Security Tasks", intervalSeconds: weeklyInterval },
  [
    {
      id: "weekly-access-logs",
      line: "Review access logs",
      sentence: "Every week a person reviews who used privileged access, and withdraws what is not needed.",
      layers: ["people", "identity"],
      subjects: ["Access-log review (weekly)", "Account lifecycle and access review"],
      checks: [],
    },
    {
      id: "weekly-security-metrics",
      line: "Check security metrics",
      sentence: "Every week the metrics and indicators are compared with their targets and the week before.",
      layers: ["people", "monitoring"],
      subjects: ["Metrics and KPI review (weekly)"],
      checks: [],
    },
    {
      id: "weekly-update-policies",
      line: "Update security policies",
      sentence:
        "Every week changes to the policy since the last review are read, with each loosening named and accepted.",
      layers: ["people"],
      subjects: ["Security policies, yearly review", "Change management"],
      checks: [],
    },
    {
      id: "weekly-incident-reports",
      line: "Review incident reports",
      sentence:
        "Every week each incident closed since the last review is read, and what it taught becomes a change or a check.",
      layers: ["people"],
      subjects: ["Post-incident learning", "Incident handling, < 1 h response"],
      checks: [],
    },
    {
      id: "weekly-update-documentation",
      line: "Update documentation",
      sentence: "Every week the documents are compared with what runs, and corrected.",
      layers: ["people"],
      subjects: ["Operating procedures and checklists"],
      checks: [],
    },
  ],
);
