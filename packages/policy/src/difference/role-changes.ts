import { ownField } from "../own-field.ts";
import type { Policy } from "../policy.ts";
import { type Change, keysOf, namesChange, valueChange } from "./change.ts";

/** A new role alone gives nothing to anybody, yet accounts may be granted it: it is `changed`, and the conditions tell the rest. */
export function roleChanges(before: Policy, after: Policy): readonly Change[] {
  return keysOf(before.roles, after.roles).flatMap((name) => {
    const path = `roles.${name}`;
    const [old, now] = [ownField(before.roles, name), ownField(after.roles, name)];
    if (old === undefined) return valueChange(path, undefined, now, "changed");
    if (now === undefined) return valueChange(path, old, undefined, "tighter");
    return [
      ...namesChange(`${path}.includes`, old.includes, now.includes),
      ...valueChange(`${path}.requires`, old.requires, now.requires, now.requires === "aal2" ? "tighter" : "looser"),
      ...valueChange(`${path}.approval`, old.approval, now.approval, now.approval ? "tighter" : "looser"),
    ];
  });
}
