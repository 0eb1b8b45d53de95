// A replica that reads may no longer go to is a finding at once: the next loss would leave only the primary.
import { suddenRule, told } from "./sudden-rule.ts";

export const replicaLost = suddenRule(
  { rule: "replica-lost", event: "replica.lost", scope: "database", severityId: 4 },
  ({ replica }) => ({
    group: told(replica),
    sentence: `The replica "${told(replica)}" is late, astray or away; no reads go there.`,
  }),
);
