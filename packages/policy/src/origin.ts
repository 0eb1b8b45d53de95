// Exact web origins: scheme, host and port, nothing else. Plain HTTP only where no network is crossed.
import { addIssue, type Report } from "./report.ts";

const originPattern = /^(https?|wss?):\/\/([a-z0-9](?:[a-z0-9.-]{0,252})|\[[0-9a-f:]{2,39}\])(?::([1-9][0-9]{0,4}))?$/;
const portMax = 65_535;

/** `localhost` and names below it (RFC 6761 §6.3), and the loopback addresses. */
function isLoopback(host: string): boolean {
  return (
    host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(?:\.[0-9]{1,3}){3}$/.test(host)
  );
}

/** An exact origin with one of the schemes, or with their plain counterparts on loopback. */
export function readOrigin(report: Report, path: string, value: unknown, schemes: readonly string[]): string {
  const expected = `an exact origin such as "${schemes[0]}://app.example.com"`;
  if (value === undefined) addIssue(report, "input/missing", path, expected, value);
  else if (typeof value !== "string") addIssue(report, "input/wrong-type", path, expected, value);
  else if (value.includes("*")) addIssue(report, "origin/wildcard", path, expected, value);
  else checkOrigin(report, path, value, expected, schemes);
  return typeof value === "string" ? value : "https://localhost";
}

function checkOrigin(report: Report, path: string, value: string, expected: string, schemes: readonly string[]): void {
  const match = originPattern.exec(value);
  const host = match?.[2] ?? "";
  const secure = match?.[1] === "https" || match?.[1] === "wss";
  const known = schemes.includes(`${(match?.[1] ?? "").replace(/s$/, "")}s`);
  const malformed = host.includes("..") || /[.-]$/.test(host) || Number(match?.[3] ?? 0) > portMax;
  if (!known || malformed) addIssue(report, "origin/invalid", path, expected, value);
  else if (!secure && !isLoopback(host)) addIssue(report, "origin/insecure", path, expected, value);
}
