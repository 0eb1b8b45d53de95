// Kleene's three-valued logic, which is SQL's (ISO 9075-2 §6.39).
import type { Truth } from "./decision.ts";

/** False as soon as one item is false, otherwise unknown if one is unknown. */
export function allOf<T>(items: readonly T[], truthOf: (item: T) => Truth): Truth {
  let result: Truth = true;
  for (const item of items) {
    const value = truthOf(item);
    if (value === false) return false;
    if (value === null) result = null;
  }
  return result;
}

/** True as soon as one item is true, otherwise unknown if one is unknown. */
export function anyOf<T>(items: readonly T[], truthOf: (item: T) => Truth): Truth {
  let result: Truth = false;
  for (const item of items) {
    const value = truthOf(item);
    if (value === true) return true;
    if (value === null) result = null;
  }
  return result;
}

/** Unknown stays unknown. */
export function negate(value: Truth): Truth {
  return value === null ? null : !value;
}
