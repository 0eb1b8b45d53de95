import type { Known, Requirement } from "./guard.ts";
import { useHoldfastState } from "./provider.tsx";

/**
 * Whether the policy allows it now: an action such as `{ kind: "table", table: "content", operation: "update" }` with the row,
 * or a condition such as `role("editor")`. False while loading, when unreachable, and for whatever the policy does not name.
 */
export function usePermission(requirement: Requirement, known: Known = {}): boolean {
  const { holdfast } = useHoldfastState();
  return holdfast.can(requirement, known);
}
