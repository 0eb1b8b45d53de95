// Every rule of the inspection, in the order they are asked. One file each, named by its id.
import type { Rule } from "./rule/rule.ts";
import { accountTableExposed } from "./rules/account-table-exposed.ts";
import { bucketListsFiles } from "./rules/bucket-lists-files.ts";
import { bypassWithinReach } from "./rules/bypass-within-reach.ts";
import { cascadePastPolicies } from "./rules/cascade-past-policies.ts";
import { columnGrantVoid } from "./rules/column-grant-void.ts";
import { databaseOpen } from "./rules/database-open.ts";
import { deadRows } from "./rules/dead-rows.ts";
import { defaultPrivilegesOpen } from "./rules/default-privileges-open.ts";
import { definerDynamicStatement } from "./rules/definer-dynamic-statement.ts";
import { definerExecutable } from "./rules/definer-executable.ts";
import { definerPathWritable } from "./rules/definer-path-writable.ts";
import { definerSearchPath } from "./rules/definer-search-path.ts";
import { extensionInPublic } from "./rules/extension-in-public.ts";
import { extensionOutdated } from "./rules/extension-outdated.ts";
import { foreignKeyOracle } from "./rules/foreign-key-oracle.ts";
import { foreignKeyToAccounts } from "./rules/foreign-key-to-accounts.ts";
import { foreignKeyUnindexed } from "./rules/foreign-key-unindexed.ts";
import { foreignTableExposed } from "./rules/foreign-table-exposed.ts";
import { functionLeakproof } from "./rules/function-leakproof.ts";
import { functionSearchPath } from "./rules/function-search-path.ts";
import { functionUntrustedLanguage } from "./rules/function-untrusted-language.ts";
import { grantOption } from "./rules/grant-option.ts";
import { grantPastPolicies } from "./rules/grant-past-policies.ts";
import { grantToPublic } from "./rules/grant-to-public.ts";
import { graphqlExposed } from "./rules/graphql-exposed.ts";
import { hostAuthenticationWeak } from "./rules/host-authentication-weak.ts";
import { indexDuplicate } from "./rules/index-duplicate.ts";
import { indexUnused } from "./rules/index-unused.ts";
import { largeObjectOpen } from "./rules/large-object-open.ts";
import { leakyFilter } from "./rules/leaky-filter.ts";
import { loginBypassesPolicies } from "./rules/login-bypasses-policies.ts";
import { loginMayMakeRoles } from "./rules/login-may-make-roles.ts";
import { materializedViewExposed } from "./rules/materialized-view-exposed.ts";
import { networkFunction } from "./rules/network-function.ts";
import { noPolicy } from "./rules/no-policy.ts";
import { noPrimaryKey } from "./rules/no-primary-key.ts";
import { ownerIsRequestRole } from "./rules/owner-is-request-role.ts";
import { parameterGranted } from "./rules/parameter-granted.ts";
import { partitionExposed } from "./rules/partition-exposed.ts";
import { passwordMd5 } from "./rules/password-md5.ts";
import { policiesAdmitGuests } from "./rules/policies-admit-guests.ts";
import { policiesMissSelect } from "./rules/policies-miss-select.ts";
import { policiesOnlyRestrict } from "./rules/policies-only-restrict.ts";
import { policiesOverlap } from "./rules/policies-overlap.ts";
import { policiesWithoutRowSecurity } from "./rules/policies-without-row-security.ts";
import { policyAlwaysTrue } from "./rules/policy-always-true.ts";
import { policyColumnUnindexed } from "./rules/policy-column-unindexed.ts";
import { policyFunctionPerRow } from "./rules/policy-function-per-row.ts";
import { policyFunctionTakesRow } from "./rules/policy-function-takes-row.ts";
import { policyMetadata } from "./rules/policy-metadata.ts";
import { policyNullSubject } from "./rules/policy-null-subject.ts";
import { policyPlan } from "./rules/policy-plan.ts";
import { policyReadsAll } from "./rules/policy-reads-all.ts";
import { policyReadsClosedTable } from "./rules/policy-reads-closed-table.ts";
import { policyRecursion } from "./rules/policy-recursion.ts";
import { policyRoleName } from "./rules/policy-role-name.ts";
import { policySettingCast } from "./rules/policy-setting-cast.ts";
import { policySettingTrusted } from "./rules/policy-setting-trusted.ts";
import { policySubqueryForm } from "./rules/policy-subquery-form.ts";
import { policyToPublic } from "./rules/policy-to-public.ts";
import { policyVolatileFunction } from "./rules/policy-volatile-function.ts";
import { publicationOfRows } from "./rules/publication-of-rows.ts";
import { queueExposed } from "./rules/queue-exposed.ts";
import { requestRolePowerful } from "./rules/request-role-powerful.ts";
import { rewriteRule } from "./rules/rewrite-rule.ts";
import { rolePathWritable } from "./rules/role-path-writable.ts";
import { roleSettingWeak } from "./rules/role-setting-weak.ts";
import { rowSecurityNotForced } from "./rules/row-security-not-forced.ts";
import { rowSecurityOff } from "./rules/row-security-off.ts";
import { schemaWritable } from "./rules/schema-writable.ts";
import { sensitiveColumn } from "./rules/sensitive-column.ts";
import { sequenceWritable } from "./rules/sequence-writable.ts";
import { serverSettingWeak } from "./rules/server-setting-weak.ts";
import { serverVersionOld } from "./rules/server-version-old.ts";
import { typeBlocksUpgrade } from "./rules/type-blocks-upgrade.ts";
import { uniqueOracle } from "./rules/unique-oracle.ts";
import { userMappingPublic } from "./rules/user-mapping-public.ts";
import { viewLeaksRows } from "./rules/view-leaks-rows.ts";
import { viewOwnerRights } from "./rules/view-owner-rights.ts";

export const rules: readonly Rule[] = [
  accountTableExposed,
  bucketListsFiles,
  bypassWithinReach,
  cascadePastPolicies,
  columnGrantVoid,
  databaseOpen,
  deadRows,
  defaultPrivilegesOpen,
  definerDynamicStatement,
  definerExecutable,
  definerPathWritable,
  definerSearchPath,
  extensionInPublic,
  extensionOutdated,
  foreignKeyOracle,
  foreignKeyToAccounts,
  foreignKeyUnindexed,
  foreignTableExposed,
  functionLeakproof,
  functionSearchPath,
  functionUntrustedLanguage,
  grantOption,
  grantPastPolicies,
  grantToPublic,
  graphqlExposed,
  hostAuthenticationWeak,
  indexDuplicate,
  indexUnused,
  largeObjectOpen,
  leakyFilter,
  loginBypassesPolicies,
  loginMayMakeRoles,
  materializedViewExposed,
  networkFunction,
  noPolicy,
  noPrimaryKey,
  ownerIsRequestRole,
  parameterGranted,
  partitionExposed,
  passwordMd5,
  policiesAdmitGuests,
  policiesMissSelect,
  policiesOnlyRestrict,
  policiesOverlap,
  policiesWithoutRowSecurity,
  policyAlwaysTrue,
  policyColumnUnindexed,
  policyFunctionPerRow,
  policyFunctionTakesRow,
  policyMetadata,
  policyNullSubject,
  policyPlan,
  policyReadsAll,
  policyReadsClosedTable,
  policyRecursion,
  policyRoleName,
  policySettingCast,
  policySettingTrusted,
  policySubqueryForm,
  policyToPublic,
  policyVolatileFunction,
  publicationOfRows,
  queueExposed,
  requestRolePowerful,
  rewriteRule,
  rolePathWritable,
  roleSettingWeak,
  rowSecurityNotForced,
  rowSecurityOff,
  schemaWritable,
  sensitiveColumn,
  sequenceWritable,
  serverSettingWeak,
  serverVersionOld,
  typeBlocksUpgrade,
  uniqueOracle,
  userMappingPublic,
  viewLeaksRows,
  viewOwnerRights,
];
