import type { Step, StepOutcome } from "../step.ts";

/** Nothing in need of a closer look: plain segments, none of them beginning with a dot, and a printable query. */
const PLAIN = /^(?:\/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9_~!$&'()*+,=:@.-]*)*\/?(?:\?[\x21-\x22\x24-\x7e]*)?$/;
const PRINTABLE = /^[\x21-\x22\x24-\x7e]*$/;
const ESCAPE = /%[0-9A-Fa-f]{2}/g;
const UNRESERVED = /^[A-Za-z0-9._~-]$/;
const CONTROL_MAX = 0x1f;
const DELETE = 0x7f;

/**
 * The path has one reading or is refused: escaped slashes, backslashes, controls and percent signs, dot segments, `;`
 * parameters, empty segments, escapes of what needs none (RFC 3986 §6.2.2.2), and bytes that are no UTF-8. Nothing is
 * repaired, so what was decided on is exactly what is passed on.
 */
export const path: Step = {
  name: "path",
  when: "request",
  run({ target }): StepOutcome {
    if (PLAIN.test(target)) return undefined;
    const reason = pathFault(target);
    return reason === null ? undefined : { code: "path-refused", reason };
  },
};

/** Why a target in origin form is refused, or null. */
export function pathFault(target: string): string | null {
  if (!PRINTABLE.test(target)) return "character";
  const query = target.indexOf("?");
  const raw = query === -1 ? target : target.slice(0, query);
  if (!raw.startsWith("/")) return "form";
  if (raw.includes("//")) return "empty-segment";
  if (raw.includes("\\")) return "backslash";
  if (raw.includes(";")) return "parameter";
  const escape = escapeFault(raw);
  if (escape !== null) return escape;
  return raw.split("/").some((segment) => segment === "." || segment === "..") ? "dot-segment" : null;
}

function escapeFault(raw: string): string | null {
  if (!raw.includes("%")) return null;
  for (const escape of raw.match(ESCAPE) ?? []) {
    const code = Number.parseInt(escape.slice(1), 16);
    const character = String.fromCharCode(code);
    if (code <= CONTROL_MAX || code === DELETE) return "encoded-control";
    if (character === "/" || character === "\\") return "encoded-slash";
    if (character === "%") return "double-encoding";
    if (character === ".") return "dot-segment";
    if (character === ";") return "parameter";
    if (UNRESERVED.test(character)) return "needless-encoding";
  }
  if (raw.replace(ESCAPE, "").includes("%")) return "encoding";
  try {
    decodeURIComponent(raw);
  } catch {
    // The escapes are no UTF-8; another reader might take them for Latin-1.
    return "encoding";
  }
  return null;
}
