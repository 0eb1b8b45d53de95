// What enforces each control, as places in this repository. A control that is missing here is enforced by nothing yet.
// test/traceability.test.ts refuses a place that does not exist.
import type { ControlId } from "./controls.ts";

const gateway = "packages/gateway/src";
const identity = "packages/identity/src";
const postgres = "packages/postgres/src";
const compiled = "packages/compile/src/postgresql";
const server = "packages/server/src";

const places: Partial<Record<ControlId, readonly string[]>> = {
  jwt: [`${gateway}/token-verifier.ts`, `${gateway}/upstream/subject-plugin.ts`, `${identity}/token/access-token.ts`],
  rbac: [`${gateway}/steps/decision.ts`, "packages/policy/src/evaluate.ts", `${compiled}/condition.ts`],
  sessions: [`${identity}/session`, `${identity}/token/refresh-token.ts`, `${server}/assembly/ended-sessions.ts`],
  "second-factor": [`${identity}/factor`, `${identity}/rules.ts`, `${gateway}/steps/decision.ts`],
  "oauth-providers": [`${identity}/provider`, `${identity}/oauth`, `${identity}/egress`],
  "encryption-in-transit": [
    `${gateway}/server-limits.ts`,
    `${gateway}/upstream-connection.ts`,
    "packages/vault/src/certificate-authority.ts",
    `${postgres}/transit`,
  ],
  "encryption-at-rest": [
    "packages/vault/src/envelope",
    `${postgres}/sealed`,
    "packages/postgres/migrations/0004_sealed.sql",
  ],
  "data-masking": ["packages/compile/src/postgresql/masked-view.ts", "packages/policy/src/mask", `${postgres}/export`],
  "key-management": ["packages/vault/src/keyring", "packages/vault/src/root-key.ts", `${identity}/key/signing-keys.ts`],
  "secrets-management": ["packages/vault/src/sealed-secrets.ts", "packages/vault/src/secrets", `${identity}/password`],
  "type-safety": ["packages/policy/src/security-input.ts"],
  "protected-routes": ["packages/react/src/guard.ts", `${gateway}/steps/decision.ts`],
  "xss-protection": [`${gateway}/response-headers.ts`],
  "csrf-tokens": [`${gateway}/steps/origin.ts`],
  "csp-headers": [`${gateway}/response-headers.ts`, `${gateway}/site.ts`],
  "input-validation": [`${gateway}/steps/body.ts`, `${gateway}/strict-json.ts`],
  "request-validation": [`${gateway}/steps/framing.ts`, `${gateway}/steps/path.ts`, `${gateway}/steps/body.ts`],
  "rate-limiting": [`${gateway}/steps/limit.ts`, `${gateway}/steps/quota.ts`, `${identity}/limit`],
  "api-security-headers": [`${gateway}/response-headers.ts`],
  "error-handling": [`${gateway}/problem.ts`, `${gateway}/early-refusal.ts`],
  "logging-and-monitoring": [`${server}/events/event-log.ts`, `${server}/metrics`],
  "mutual-tls": [`${gateway}/upstream-connection.ts`, `${gateway}/peer-identity.ts`],
  "service-authentication": [`${gateway}/steps/hygiene.ts`, `${gateway}/peer-identity.ts`],
  "traffic-encryption": [`${gateway}/server-limits.ts`, `${gateway}/upstream-connection.ts`],
  "traffic-management": [`${gateway}/steps/host.ts`, `${gateway}/upstream-connection.ts`],
  "row-level-security": [
    `${compiled}/table.ts`,
    `${postgres}/as-subject.ts`,
    "packages/postgres/migrations/0002_claims.sql",
  ],
  "connection-pooling": [`${postgres}/database-pool.ts`, `${postgres}/pipeline.ts`, `${postgres}/pool`],
  "automated-backups": [`${postgres}/backup`, `${postgres}/restore`, `${server}/backups`],
  "daily-verify-backups": [`${server}/backups`, `${server}/detection/backup-rules.ts`],
  "monthly-test-recovery": [`${server}/backups/drill.ts`, "packages/cli/src/backups"],
  "kpi-backup-success": [`${server}/backups/backups.ts`],
  "read-replicas": [`${postgres}/replica`, `${server}/replicas`],
  "performance-monitoring": [
    `${postgres}/performance`,
    `${server}/performance`,
    `${server}/detection/database-limits.ts`,
  ],
  prometheus: [`${server}/metrics`],
  "alert-rules": [`${server}/detection`],
  "logging-system": [
    `${server}/store/chain.ts`,
    `${server}/events/event-log.ts`,
    `${postgres}/audit`,
    `${server}/audit`,
    "packages/postgres/migrations/0005_audit.sql",
    "packages/postgres/migrations/0008_audit_row.sql",
    "packages/postgres/migrations/0009_audit_restores.sql",
  ],
  "threshold-failed-logins": [`${server}/detection/failed-logins.ts`],
  "threshold-api-errors": [`${server}/detection/api-errors.ts`],
};

/** Places that enforce the control; empty when nothing does yet. */
export function enforcementOf(control: ControlId): readonly string[] {
  return places[control] ?? [];
}
