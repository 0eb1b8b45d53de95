// Seeing what happens.
import { attackInterval, controlsOf } from "./control.ts";

export const monitoring = controlsOf(
  {
    kind: "measure",
    phase: "Phase 4: Monitoring & Compliance (3 weeks)",
    section: "Week 12: Security Monitoring",
    intervalSeconds: attackInterval,
  },
  [
    {
      id: "prometheus",
      line: "Prometheus setup",
      sentence:
        "Prometheus scrapes the plan's metrics, each counter begins at zero, and a silent sensor is itself an alert.",
      layers: ["monitoring"],
      subjects: ["Monitoring and alerting"],
      checks: [],
    },
    {
      id: "grafana-dashboards",
      line: "Grafana dashboards",
      sentence:
        "Every panel is made from the policy, names metrics that exist, and shows data from the running system.",
      layers: ["monitoring"],
      subjects: ["Monitoring and alerting", "Metrics and KPI review (weekly)"],
      checks: [],
    },
    {
      id: "alert-rules",
      line: "Alert rules",
      sentence: "A threshold of the policy that is reached raises an alert within its deadline and opens an incident.",
      layers: ["monitoring"],
      subjects: ["Monitoring and alerting"],
      checks: ["threshold-alert"],
    },
    {
      id: "logging-system",
      line: "Logging system",
      sentence:
        "Security events are kept in an append-only chain: an edited, deleted, moved or cut record is found by verification.",
      layers: ["monitoring", "database"],
      subjects: ["Log integrity", "Security event logging", "Time synchronisation"],
      checks: ["LOG-03", "audit-log"],
    },
    {
      id: "event-correlation",
      line: "Security event correlation",
      sentence:
        "Events that together mean an attack are found as one, whichever layers they came from and in whatever order they arrive.",
      layers: ["monitoring"],
      subjects: ["Monitoring and alerting", "Suspicious-activity review (daily)"],
      checks: [],
    },
  ],
);
