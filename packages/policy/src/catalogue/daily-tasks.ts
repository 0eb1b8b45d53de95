// What is done every day.
import { controlsOf, dailyInterval } from "./control.ts";

export const dailyTasks = controlsOf(
  { kind: "task", phase: "Security Checklist", section: "Daily Security Tasks", intervalSeconds: dailyInterval },
  [
    {
      id: "daily-review-logs",
      line: "Review security logs",
      sentence: "Every day a person reviews the security events since the last review and records what they concluded.",
      layers: ["people", "monitoring"],
      subjects: ["Suspicious-activity review (daily)", "Security event logging"],
      checks: [],
    },
    {
      id: "daily-suspicious-activity",
      line: "Check for suspicious activities",
      sentence:
        "Every day the open findings are looked through, and each is closed with a reason or becomes an incident.",
      layers: ["people", "monitoring"],
      subjects: ["Suspicious-activity review (daily)"],
      checks: [],
    },
    {
      id: "daily-verify-backups",
      line: "Verify backup status",
      sentence: "Every day the newest backup is present, complete and within its age.",
      layers: ["people", "database"],
      subjects: ["Backup"],
      checks: ["backup-restore"],
    },
    {
      id: "daily-system-performance",
      line: "Monitor system performance",
      sentence: "Every day load, memory, disk and latency are compared with their limits.",
      layers: ["people", "monitoring"],
      subjects: ["Monitoring and alerting", "Availability > 99.99 %"],
      checks: [],
    },
    {
      id: "daily-security-patches",
      line: "Update security patches",
      sentence: "Every day new advisories are compared with what runs, and fixes are deployed.",
      layers: ["people", "cloud"],
      subjects: ["Patch deployment < 24 h", "Vulnerability scanning"],
      checks: [],
    },
  ],
);
