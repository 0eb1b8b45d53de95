// Exact URLs: nothing that is matched by a pattern, nothing that a parser could read in two ways.
import { readOrigin } from "./origin.ts";
import { addIssue, type Report } from "./report.ts";

const urlLengthMax = 2_000;
// RFC 3986: path and query in ASCII, percent-encoded where it must be. Neither user information nor fragment (RFC 9700 §2.1, RFC 6749 §3.1.2).
const urlPattern =
  /^(https?:\/\/[^/?#@\s]{1,300})((?:\/[A-Za-z0-9\-._~!$&'()+,;=:@%/]*)?)(\?[A-Za-z0-9\-._~!$&'()+,;=:@%/?]*)?$/;

/** An exact absolute URL, https except on loopback; `query`: whether it may have one. */
export function readExactUrl(report: Report, path: string, value: unknown, query: "query" | "no query"): string {
  const expected = 'an exact URL such as "https://app.example.com/welcome"';
  if (value === undefined) addIssue(report, "input/missing", path, expected, value);
  else if (typeof value !== "string") addIssue(report, "input/wrong-type", path, expected, value);
  else if (value.includes("*")) addIssue(report, "url/wildcard", path, expected, value);
  else checkUrl(report, path, value, expected, query);
  return typeof value === "string" ? value : "https://localhost";
}

function checkUrl(report: Report, path: string, value: string, expected: string, query: "query" | "no query"): void {
  const match = value.length > urlLengthMax ? null : urlPattern.exec(value);
  const decoded = (match?.[2] ?? "").replaceAll(/%2e/gi, ".");
  const climbs = /(?:^|\/)\.\.?(?:\/|$)/.test(decoded) || decoded.includes("//");
  const broken = /%(?![0-9A-Fa-f]{2})/.test(value);
  const queried = match?.[3] !== undefined && query === "no query";
  if (match === null || climbs || broken || queried) {
    addIssue(report, "url/invalid", path, expected, value);
    return;
  }
  readOrigin(report, path, match[1], ["https"]);
}
