// Kleene's three-valued logic, which is SQL's (ISO 9075-2 §6.39).
import type { Truth } from "./decision.ts";

/** False as soon as one part is false, otherwise unknown as soon as one is unknown. */
export function allOf(parts: readonly Truth[]): Truth {
  if (parts.includes(false)) return false;
  return parts.includes(null) ? null : true;
}

/** True as soon as one part is true, otherwise unknown as soon as one is unknown. */
export function anyOf(parts: readonly Truth[]): Truth {
  if (parts.includes(true)) return true;
  return parts.includes(null) ? null : false;
}

/** Unknown stays unknown. */
export function negate(value: Truth): Truth {
  return value === null ? null : !value;
}
