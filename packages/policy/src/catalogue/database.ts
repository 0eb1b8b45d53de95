// PostgreSQL.
import { attackInterval, controlsOf } from "./control.ts";

export const database = controlsOf(
  {
    kind: "measure",
    phase: "Phase 3: Service Security (4 weeks)",
    section: "Week 10-11: Database Security",
    intervalSeconds: attackInterval,
  },
  [
    {
      id: "row-level-security",
      line: "Row Level Security (RLS)",
      sentence:
        "PostgreSQL itself shows and changes only the rows the policy allows, for every table, action and role, even when a request carries injected SQL or forged claims.",
      layers: ["database"],
      subjects: ["Row-level security / tenant isolation", "Least privilege for service and database roles"],
      checks: ["RLS-01", "RLS-02", "RLS-03", "RLS-04", "RLS-05", "RLS-06", "RLS-07", "RLS-08", "claims-forged"],
    },
    {
      id: "connection-pooling",
      line: "Connection pooling",
      sentence:
        "A pooled connection carries nothing of one caller over to the next, and whom the pool cannot serve in time it refuses at once.",
      layers: ["database", "api"],
      subjects: ["Row-level security / tenant isolation"],
      checks: ["RLS-05", "pool-overload"],
    },
    {
      id: "read-replicas",
      line: "Read replicas",
      sentence:
        "Replicas serve reads under the same row-level security, and never answer with data older than the caller has just written.",
      layers: ["database"],
      subjects: ["Disaster recovery, RTO/RPO", "Availability > 99.99 %"],
      checks: ["replica-reads"],
    },
    {
      id: "automated-backups",
      line: "Automated backups",
      sentence:
        "Encrypted backups are made on schedule without a person, and each counts only after it has been restored and checked.",
      layers: ["database", "cloud"],
      subjects: ["Backup"],
      checks: ["backup-restore", "backup-recovery-point"],
    },
    {
      id: "performance-monitoring",
      line: "Performance monitoring",
      sentence: "Slow statements, locks, pool use and replication lag are measured, and their limits raise alerts.",
      layers: ["database", "monitoring"],
      subjects: ["Monitoring and alerting"],
      checks: ["database-performance", "pool-overload"],
    },
  ],
);
