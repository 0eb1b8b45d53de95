// The only maker of policies. Reads everything, collects every mistake, and gives the frozen normal form only when there is none.
import { builtInServices } from "./built-in-services.ts";
import { deepFreeze } from "./deep-freeze.ts";
import { PolicyError, type PolicyIssue } from "./issue.ts";
import type { Policy } from "./policy.ts";
import { readContinuity } from "./read-continuity.ts";
import { readIdentity } from "./read-identity.ts";
import { readAdministrator, readRoles } from "./read-roles.ts";
import { readSecrets } from "./read-secrets.ts";
import { readServices } from "./read-services.ts";
import { readApplication, readBrowser, readMonitoring, readTargets } from "./read-settings.ts";
import { readSites } from "./read-sites.ts";
import { readDeclaredTables, readTables } from "./read-tables.ts";
import { type Report, readObject } from "./report.ts";
import type { SecurityInput, TablesInput } from "./security-input.ts";

const inputKeys = [
  "application",
  "platform",
  "roles",
  "identity",
  "tables",
  "services",
  "sites",
  "browser",
  "monitoring",
  "targets",
  "continuity",
  "secrets",
];

/**
 * The policy in normal form, or a `PolicyError` (code `policy/invalid`) with every issue. Roles, tables and columns that
 * the input does not declare are type errors where TypeScript can see them.
 */
export function defineSecurity<const Role extends string, const Tables extends TablesInput>(
  input: SecurityInput<Role, Tables>,
): Policy {
  const checked = checkSecurity(input);
  if ("issues" in checked) throw new PolicyError(checked.issues);
  return checked.policy;
}

/** The same for input of any origin: never throws because of what it contains. */
export function checkSecurity(
  input: unknown,
): { readonly policy: Policy } | { readonly issues: readonly PolicyIssue[] } {
  const report: Report = { issues: [] };
  const fields = readObject(report, "", input, inputKeys, "the input of defineSecurity");
  if (fields === undefined) return { issues: report.issues };
  const roles = readRoles(report, fields.roles);
  const roleNames = Object.keys(roles);
  const administrator = readAdministrator(report, fields.platform, roles);
  const services = { ...builtInServices(administrator), ...readServices(report, fields.services, roleNames) };
  const application = readApplication(report, fields.application);
  const identity = readIdentity(report, fields.identity, roles, administrator);
  const policy: Policy = {
    kind: "policy",
    application,
    roles,
    platform: { administrator },
    identity,
    tables: readTables(report, readDeclaredTables(report, fields.tables), roleNames),
    services,
    sites: readSites(report, fields.sites, roleNames, administrator, services),
    browser: readBrowser(report, fields.browser),
    monitoring: readMonitoring(report, fields.monitoring),
    targets: readTargets(report, fields.targets),
    continuity: readContinuity(report, fields.continuity),
    secrets: readSecrets(report, fields.secrets, identity.providers),
  };
  return report.issues.length > 0 ? { issues: report.issues } : { policy: deepFreeze(policy) };
}
