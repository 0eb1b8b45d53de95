// Names that become identifiers in PostgreSQL, keys of records and parts of SPIFFE ids.
import { addIssue, type Report } from "./report.ts";

// 63 bytes is PostgreSQL's NAMEDATALEN - 1; longer names would be cut silently and could collide.
const identifierPattern = /^[a-z_][a-z0-9_]{0,62}$/;

// Keys that every JavaScript object seems to have: a record indexed by them would answer with a function.
const javaScriptNames: readonly string[] = ["__proto__", "constructor", "prototype"];

/** True when the name may be used; otherwise an issue is added. */
export function checkIdentifier(report: Report, path: string, name: string, reserved: readonly string[] = []): boolean {
  if (!identifierPattern.test(name)) {
    addIssue(report, "name/invalid", path, "a name of the form [a-z_][a-z0-9_]{0,62}", name);
    return false;
  }
  if (javaScriptNames.includes(name) || reserved.includes(name)) {
    addIssue(report, "name/reserved", path, "a name that is not reserved", name);
    return false;
  }
  return true;
}
