// Security releases of PostgreSQL and what they mended, as far as they were published when this was written: PostgreSQL, Security
// Information (https://www.postgresql.org/support/security/). A newer one may exist: absence of a finding is not a promise.

export interface Fix {
  readonly cve: string;
  /** The first minor version with the fix, by major version. */
  readonly fixedIn: Readonly<Record<number, number>>;
  /** Reads or runs what it may not, where others crash, or need an operator's own tool. */
  readonly isDataAtRisk: boolean;
}

/** When the list was last compared with the publication. */
export const KNOWN_UNTIL = "2026-05-14";

/** The newest minor version known then, by major version. */
const NEWEST: Readonly<Record<number, number>> = { 15: 18, 16: 14, 17: 10, 18: 4 };
const OLDEST_SUPPORTED = 15;
const VERSION_NUMBER_FACTOR = 10_000;

const FIXES: readonly Fix[] = [
  { cve: "CVE-2023-2454", fixedIn: { 15: 3 }, isDataAtRisk: true },
  { cve: "CVE-2023-2455", fixedIn: { 15: 3 }, isDataAtRisk: true },
  { cve: "CVE-2023-39417", fixedIn: { 15: 4 }, isDataAtRisk: true },
  { cve: "CVE-2023-39418", fixedIn: { 15: 4 }, isDataAtRisk: true },
  { cve: "CVE-2023-5869", fixedIn: { 15: 5, 16: 1 }, isDataAtRisk: true },
  { cve: "CVE-2024-0985", fixedIn: { 15: 6 }, isDataAtRisk: true },
  { cve: "CVE-2024-7348", fixedIn: { 15: 8, 16: 4 }, isDataAtRisk: true },
  { cve: "CVE-2024-10976", fixedIn: { 15: 9, 16: 5, 17: 1 }, isDataAtRisk: true },
  { cve: "CVE-2024-10978", fixedIn: { 15: 9, 16: 5, 17: 1 }, isDataAtRisk: true },
  { cve: "CVE-2024-10979", fixedIn: { 15: 9, 16: 5, 17: 1 }, isDataAtRisk: true },
  { cve: "CVE-2025-1094", fixedIn: { 15: 11, 16: 7, 17: 3 }, isDataAtRisk: true },
  { cve: "CVE-2025-4207", fixedIn: { 15: 13, 16: 9, 17: 5 }, isDataAtRisk: false },
  { cve: "CVE-2025-8713", fixedIn: { 15: 14, 16: 10, 17: 6 }, isDataAtRisk: true },
  { cve: "CVE-2025-8714", fixedIn: { 15: 14, 16: 10, 17: 6 }, isDataAtRisk: true },
  { cve: "CVE-2025-8715", fixedIn: { 15: 14, 16: 10, 17: 6 }, isDataAtRisk: true },
  { cve: "CVE-2026-6472", fixedIn: { 15: 18, 16: 14, 17: 10, 18: 4 }, isDataAtRisk: true },
  { cve: "CVE-2026-6473", fixedIn: { 15: 18, 16: 14, 17: 10, 18: 4 }, isDataAtRisk: true },
  { cve: "CVE-2026-6474", fixedIn: { 15: 18, 16: 14, 17: 10, 18: 4 }, isDataAtRisk: false },
  { cve: "CVE-2026-6475", fixedIn: { 15: 18, 16: 14, 17: 10, 18: 4 }, isDataAtRisk: true },
  { cve: "CVE-2026-6477", fixedIn: { 15: 18, 16: 14, 17: 10, 18: 4 }, isDataAtRisk: true },
  { cve: "CVE-2026-6478", fixedIn: { 15: 18, 16: 14, 17: 10, 18: 4 }, isDataAtRisk: true },
  { cve: "CVE-2026-6479", fixedIn: { 15: 18, 16: 14, 17: 10, 18: 4 }, isDataAtRisk: false },
  { cve: "CVE-2026-6637", fixedIn: { 15: 18, 16: 14, 17: 10, 18: 4 }, isDataAtRisk: true },
];

export interface Lacking {
  readonly fixes: readonly Fix[];
  readonly isEnded: boolean;
  /** For example "17.10". */
  readonly target: string;
}

/** What a server of this `server_version_num` lacks; undefined where nothing is known. */
export function securityFixesAfter(version: number): Lacking | undefined {
  const [major, minor] = [Math.floor(version / VERSION_NUMBER_FACTOR), version % VERSION_NUMBER_FACTOR];
  if (major < OLDEST_SUPPORTED)
    return { fixes: [], isEnded: true, target: `${Math.max(...Object.keys(NEWEST).map(Number))}` };
  const newest = NEWEST[major];
  if (newest === undefined) return undefined;
  const fixes = FIXES.filter(({ fixedIn }) => (fixedIn[major] ?? 0) > minor);
  return fixes.length === 0 ? undefined : { fixes, isEnded: false, target: `${major}.${newest}` };
}
