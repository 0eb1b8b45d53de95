export { personWith, type Right, rightsOf, unmaskedRightsOf } from "./access.ts";
export {
  aal2,
  all,
  any,
  anyone,
  column,
  type MemberInput,
  member,
  nobody,
  not,
  owner,
  role,
  service,
  signedIn,
} from "./build-condition.ts";
export {
  crossOriginPaths,
  linkFormPath,
  oauthTokenPath,
  oauthUserinfoPath,
  providerCallbackPath,
} from "./built-in-services.ts";
export { canonicalJson } from "./canonical-json.ts";
export type { CheckId, Control, ControlKind } from "./catalogue/control.ts";
export { type ControlId, controlById, controls } from "./catalogue/controls.ts";
export { enforcementOf } from "./catalogue/enforcement.ts";
export type { Requirements } from "./catalogue/requirements.ts";
export type { Comparison, Condition, ConditionKind, Scalar } from "./condition.ts";
export { conditionSentence } from "./condition-sentence.ts";
export { conditionText } from "./condition-text.ts";
export type { Action, Context, Decision, RefusalReason, Resource, Row, Subject, Truth } from "./decision.ts";
export { checkSecurity, defineSecurity } from "./define-security.ts";
export type { Change, Effect } from "./difference/change.ts";
export type { Witness } from "./difference/compare-conditions.ts";
export { difference } from "./difference/difference.ts";
export { type Isolation, isolation } from "./difference/isolation.ts";
export { notWider, type Verdict } from "./difference/verdict.ts";
export { evaluate } from "./evaluate.ts";
export { type EmitEvent, type EventName, eventKinds, type SecurityEvent } from "./event.ts";
export { describeIssues, type IssueCode, PolicyError, type PolicyIssue } from "./issue.ts";
export { issueKinds } from "./issue-kinds.ts";
export { type Layer, layers } from "./layer.ts";
export { masks, maskTypes, maskValue } from "./mask/mask.ts";
export { maskedColumns, maskRow } from "./mask/mask-row.ts";
export type { Bytes, Duration, LimitText } from "./measure.ts";
export type { Exchange, Observation, Result } from "./observation.ts";
export type {
  Assurance,
  ColumnPolicy,
  ColumnType,
  JsonSchema,
  Limit,
  Mask,
  MaskedPolicy,
  Method,
  Policy,
  ProviderKind,
  ProviderPolicy,
  RolePolicy,
  RoutePolicy,
  SealedPolicy,
  SecretPolicy,
  ServicePolicy,
  SitePolicy,
  TableAction,
  TablePolicy,
} from "./policy.ts";
export { indexColumnOf } from "./read-sealed.ts";
export { browserFeatures } from "./read-settings.ts";
export type { SecurityInput } from "./security-input.ts";
export { anonymous, subjectFacts, subjectFromClaims } from "./subject.ts";
export { holdsRole, type Meaning, type RowOf, truth } from "./truth.ts";
