// What is done every month.
import { controlsOf, monthlyInterval } from "./control.ts";

export const monthlyTasks = controlsOf(
  { kind: "task", phase: "Security Checklist", section: "Monthly Security Tasks", intervalSeconds: monthlyInterval },
  [
    {
      id: "monthly-security-audit",
      line: "Conduct security audit",
      sentence: "Every month somebody who did not build it samples controls and follows their evidence to the source.",
      layers: ["people"],
      subjects: ["Security audit / final review"],
      checks: [],
    },
    {
      id: "monthly-compliance-status",
      line: "Review compliance status",
      sentence:
        "Every month the status of every control and exception is reviewed, and overdue ones get an owner and a date.",
      layers: ["people"],
      subjects: ["Compliance status review (monthly)", "Exceptions / risk acceptance"],
      checks: [],
    },
    {
      id: "monthly-update-training",
      line: "Update security training",
      sentence:
        "Every month the training is compared with the incidents and changes of the month, and renewed where it is behind.",
      layers: ["people"],
      subjects: ["Security training and attestation"],
      checks: [],
    },
    {
      id: "monthly-test-recovery",
      line: "Test backup recovery",
      sentence: "Every month a backup is restored to a random moment on a PostgreSQL of its own, checked and timed.",
      layers: ["people", "database"],
      subjects: ["Restore test (monthly), success 100 %", "Disaster recovery, RTO/RPO"],
      checks: ["backup-restore", "backup-recovery-point"],
    },
    {
      id: "monthly-review-policies",
      line: "Review security policies",
      sentence: "Every month the whole policy is read by somebody responsible, who confirms or changes it.",
      layers: ["people"],
      subjects: ["Security policies, yearly review"],
      checks: [],
    },
  ],
);
