// Log that is kept for a replica fills the primary's disk until the limit, and then the replica must be copied anew: a finding before that.
import { suddenRule, told } from "./sudden-rule.ts";

export const replicaLogKept = suddenRule(
  { rule: "replica-log-kept", event: "replica.log-kept", scope: "database", severityId: 4 },
  ({ replica }) => ({
    group: told(replica),
    sentence: `The primary keeps much of its log for the replica "${told(replica)}"; its disk fills.`,
  }),
);
