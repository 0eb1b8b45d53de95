// The plan's "Failed login attempts: alert at 5 per minute": counted overall, per address and per account.
import type { EventRule } from "./event-rule.ts";
import { type DetectedEvent, FINDING_EVIDENCE_MAX, type Finding, type FindingScope } from "./finding.ts";
import { createThreshold, LATENESS_MS, type Occurrence } from "./threshold.ts";

interface FailedLoginsThreshold {
  readonly atLeast: number;
  readonly windowSeconds: number;
}

type CountedScope = Exclude<FindingScope, "check" | "database">;

const severities: Readonly<Record<CountedScope, Finding["severityId"]>> = { overall: 3, address: 4, account: 4 };

export function failedLogins(rule: FailedLoginsThreshold): EventRule {
  const windowMs = rule.windowSeconds * 1000;
  const thresholds = {
    overall: createThreshold({ atLeast: rule.atLeast, windowMs }, 1),
    address: createThreshold({ atLeast: rule.atLeast, windowMs }),
    account: createThreshold({ atLeast: rule.atLeast, windowMs }),
  };
  return {
    id: "failed-logins",
    event: "signin.failed",
    remembersMs: windowMs + LATENESS_MS,
    detect(event) {
      const groups: readonly (readonly [CountedScope, string | null])[] = [
        ["overall", ""],
        ["address", event.address],
        ["account", event.subject ?? accountNameOf(event)],
      ];
      return groups.flatMap(([scope, group]) => {
        if (group === null) return [];
        const reached = thresholds[scope].push(group, { at: event.at, seq: event.seq });
        return reached === null ? [] : [findingOf(rule, scope, group, reached, event.seq)];
      });
    },
  };
}

/** A sign-in to an account that does not exist carries what was tried, if identity records it. */
function accountNameOf(event: DetectedEvent): string | null {
  const account = event.detail.account;
  return typeof account === "string" && account !== "" ? account : null;
}

function findingOf(
  rule: FailedLoginsThreshold,
  scope: CountedScope,
  group: string,
  reached: readonly Occurrence[],
  seq: number,
): Finding {
  const where = { overall: "", address: ` from ${group}`, account: ` to account ${group}` }[scope];
  return {
    rule: "failed-logins",
    scope,
    group,
    sentence: `At least ${rule.atLeast} sign-ins${where} failed within ${rule.windowSeconds} s.`,
    severityId: severities[scope],
    firstEventAt: (reached[0] as Occurrence).at,
    lastEventAt: (reached.at(-1) as Occurrence).at,
    evidence: reached.slice(-FINDING_EVIDENCE_MAX).map((each) => each.seq),
    seq,
  };
}
