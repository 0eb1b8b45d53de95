// What browsers report about our content security policy, in both of their formats: `report-uri` (application/csp-report, CSP 2)
// and the Reporting API (application/reports+json). Anyone can send them, so only a few short words of them are kept.

/** Most reports of one request that are recorded. */
const REPORTS_MAX = 20;

export interface CspViolation {
  readonly directive: string;
  /** The origin, or a keyword such as `inline`; never a whole URL: its path and query may hold secrets. */
  readonly blocked: string;
  readonly page: string;
}

type Raw = Readonly<Record<string, unknown>>;

/** The violations of a report body; empty for anything else. */
export function cspViolations(body: unknown): readonly CspViolation[] {
  const reports = Array.isArray(body) ? body : [body];
  return reports.slice(0, REPORTS_MAX).flatMap((report) => {
    if (typeof report !== "object" || report === null) return [];
    const old = (report as Raw)["csp-report"];
    if (typeof old === "object" && old !== null)
      return violationOf(old as Raw, "effective-directive", "blocked-uri", "document-uri");
    const { type, body: details } = report as Raw;
    if (type !== "csp-violation" || typeof details !== "object" || details === null) return [];
    return violationOf(details as Raw, "effectiveDirective", "blockedURL", "documentURL");
  });
}

function violationOf(raw: Raw, directive: string, blocked: string, page: string): readonly CspViolation[] {
  const named = raw[directive] ?? raw["violated-directive"];
  if (typeof named !== "string" || !/^[a-z-]{1,40}/.test(named)) return [];
  return [
    {
      directive: /^[a-z-]{1,40}/.exec(named)?.[0] ?? "",
      blocked: originOf(raw[blocked]),
      page: pathOf(raw[page]),
    },
  ];
}

function originOf(value: unknown): string {
  if (typeof value !== "string" || value === "") return "unknown";
  if (/^[a-z-]{1,40}$/.test(value)) return value;
  const url = URL.parse(value);
  return url === null ? "unknown" : url.origin === "null" ? url.protocol : url.origin;
}

function pathOf(value: unknown): string {
  return (typeof value === "string" ? URL.parse(value)?.pathname : undefined) ?? "unknown";
}
