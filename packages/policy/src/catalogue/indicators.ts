// The key performance indicators.
import { controlsOf, dailyInterval } from "./control.ts";

export const indicators = controlsOf(
  {
    kind: "indicator",
    phase: "Security Metrics",
    section: "Key Performance Indicators",
    intervalSeconds: dailyInterval,
  },
  [
    {
      id: "kpi-uptime",
      line: "System uptime: > 99.99%",
      sentence:
        "Measured from outside every ten seconds over thirty days, the application answers more than the policy's share of the time; a missing sample counts as down.",
      layers: ["monitoring"],
      subjects: ["Availability > 99.99 %"],
      checks: [],
    },
    {
      id: "kpi-incident-response",
      line: "Security incident response time: < 1 hour",
      sentence:
        "From an incident's first alert to the first action of a named person less time passes than the policy's target.",
      layers: ["monitoring", "people"],
      subjects: ["Incident handling, < 1 h response"],
      checks: [],
    },
    {
      id: "kpi-patch-deployment",
      line: "Patch deployment time: < 24 hours",
      sentence:
        "From the publication of a fix to its version being seen running less time passes than the policy's target.",
      layers: ["monitoring", "cloud"],
      subjects: ["Patch deployment < 24 h"],
      checks: [],
    },
    {
      id: "kpi-backup-success",
      line: "Backup success rate: 100%",
      sentence:
        "Of the backups that were due, the policy's share was made, restored and checked; a job that merely ended well does not count.",
      layers: ["monitoring", "database"],
      subjects: ["Restore test (monthly), success 100 %", "Backup"],
      checks: ["backup-share"],
    },
    {
      id: "kpi-compliance",
      line: "Compliance score: 100%",
      sentence:
        "Of the controls in scope the policy's share is held, with exceptions and unproven ones counted as not held.",
      layers: ["monitoring"],
      subjects: ["Compliance status review (monthly)"],
      checks: [],
    },
  ],
);
