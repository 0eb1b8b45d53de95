// A fault in the audit log is a finding at once: somebody who may do everything in the database did something that nobody may.
import { suddenRule, told } from "./sudden-rule.ts";

export const auditTampered = suddenRule(
  { rule: "audit-tampered", event: "audit.tampered", scope: "overall", severityId: 5 },
  ({ position }) => ({ group: "", sentence: `The audit log was tampered with, at leaf ${told(position)}.` }),
);
