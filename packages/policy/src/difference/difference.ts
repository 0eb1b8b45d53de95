// What changed between two policies, and whether each change allows more or less. For a person who has to say yes to it.
import { canonicalJson } from "../canonical-json.ts";
import type { Policy } from "../policy.ts";
import type { Change } from "./change.ts";
import { roleChanges } from "./role-changes.ts";
import { serviceChanges, siteChanges } from "./route-changes.ts";
import { settingChanges } from "./setting-changes.ts";
import { tableChanges } from "./table-changes.ts";

/**
 * Every difference, in the order of the policy. A condition whose words did not change is listed too where a change of
 * roles or of a table's columns gave it another meaning. Empty exactly when the two policies have the same canonical text.
 */
export function difference(before: Policy, after: Policy): readonly Change[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  return [
    ...settingChanges(before, after, "first"),
    ...roleChanges(before, after),
    ...settingChanges(before, after, "identity"),
    ...tableChanges(before, after),
    ...serviceChanges(before, after),
    ...siteChanges(before, after),
    ...settingChanges(before, after, "last"),
  ];
}
