// The thresholds that raise alerts.
import { controlsOf, dailyInterval } from "./control.ts";

export const thresholds = controlsOf(
  { kind: "threshold", phase: "Security Metrics", section: "Monitoring Thresholds", intervalSeconds: dailyInterval },
  [
    {
      id: "threshold-failed-logins",
      line: "Failed login attempts: Alert at 5 per minute",
      sentence:
        "As many failed sign-ins in a window as the policy says raise an alert, exactly at that number, and open an incident.",
      layers: ["identity", "monitoring"],
      subjects: ["Brute-force and lockout", "Monitoring and alerting"],
      checks: ["threshold-alert"],
    },
    {
      id: "threshold-api-errors",
      line: "API errors: Alert at 1% error rate",
      sentence: "A larger share of unexpected errors than the policy allows raises an alert.",
      layers: ["api", "monitoring"],
      subjects: ["Monitoring and alerting"],
      checks: [],
    },
    {
      id: "threshold-system-load",
      line: "System load: Alert at 80% capacity",
      sentence: "Processor load above the policy's share of capacity raises an alert.",
      layers: ["monitoring"],
      subjects: ["Monitoring and alerting"],
      checks: [],
    },
    {
      id: "threshold-memory",
      line: "Memory usage: Alert at 90% usage",
      sentence: "Memory in use above the policy's share raises an alert.",
      layers: ["monitoring"],
      subjects: ["Monitoring and alerting"],
      checks: [],
    },
    {
      id: "threshold-disk",
      line: "Disk space: Alert at 85% usage",
      sentence: "Disk space in use above the policy's share raises an alert.",
      layers: ["monitoring"],
      subjects: ["Monitoring and alerting"],
      checks: [],
    },
  ],
);
