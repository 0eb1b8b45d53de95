// What outside requirements each subject of security answers to: OWASP ASVS 5.0, NIST SP 800-53 rev. 5, NIST CSF 2.0,
// ISO/IEC 27001:2022 Annex A and the SOC 2 trust services criteria. Controls name one or more of these subjects.

/** Ids of outside requirements, sorted. */
export interface Requirements {
  readonly asvs: readonly string[];
  readonly nist: readonly string[];
  readonly csf: readonly string[];
  readonly iso: readonly string[];
  readonly soc2: readonly string[];
}

const row = (asvs: string, nist: string, csf: string, iso: string, soc2: string): Requirements => ({
  asvs: ids(asvs),
  nist: ids(nist),
  csf: ids(csf),
  iso: ids(iso),
  soc2: ids(soc2),
});

const ids = (text: string): readonly string[] => (text === "" ? [] : text.split(" "));

/** 61 subjects of security and what outside requirements say about each. */
export const requirementsBySubject = {
  "Password policy and hashing": row("V6.2.1 V6.2.4 V6.2.12 V11.4.2", "IA-5(1)", "PR.AA-01", "A.5.17", "CC6.1"),
  "JWT validation": row("V9.1.1 V9.1.2 V9.1.3 V9.2.1 V9.2.3", "IA-8 SC-23", "PR.AA-04", "A.8.5", "CC6.1"),
  "Session lifetime, logout, rotation": row(
    "V7.2.4 V7.3.1 V7.4.1 V10.4.5",
    "AC-12 SC-23",
    "PR.AA-03",
    "A.8.5",
    "CC6.1",
  ),
  "Multi-factor authentication": row("V6.3.3 V6.5.1 V6.6.3", "IA-2(1) IA-2(2)", "PR.AA-03", "A.8.5", "CC6.1"),
  "OAuth/OIDC login": row("V10.2.1 V10.4.1 V10.4.6", "IA-2 IA-8", "PR.AA-03 PR.AA-04", "A.8.5", "CC6.1"),
  "Account lifecycle and access review": row(
    "V7.4.2 V6.3.2",
    "AC-2 AC-2(3)",
    "PR.AA-01 PR.AA-05",
    "A.5.16 A.5.18",
    "CC6.2 CC6.3",
  ),
  "Role-based access control": row("V8.1.1 V8.2.1", "AC-3 AC-6", "PR.AA-05", "A.5.15 A.8.3", "CC6.1 CC6.3"),
  "Row-level security / tenant isolation": row("V8.2.2 V8.4.1", "AC-3 AC-4", "PR.AA-05", "A.8.3", "CC6.1"),
  "Least privilege for service and database roles": row("V13.2.2", "AC-6 AC-6(5)", "PR.AA-05", "A.8.2", "CC6.3"),
  "Field-level authorization": row("V8.2.3 V15.3.1 V15.3.3", "AC-3", "PR.AA-05", "A.8.3 A.8.11", "C1.1"),
  "Brute-force and lockout": row("V6.3.1", "AC-7", "PR.AA-03", "A.8.5", "CC6.6"),
  "Rate limiting": row("V2.4.1", "SC-5", "PR.IR-04", "A.8.6", "A1.1"),
  "Input validation": row("V2.2.1 V2.2.2", "SI-10", "PR.PS-06", "A.8.28", "PI1.2"),
  "Output encoding, CSP": row("V1.2.1 V3.4.3", "SI-10 SC-18", "PR.PS-06", "A.8.28", "CC6.6"),
  "SQL injection defence": row("V1.2.4", "SI-10", "PR.PS-06", "A.8.28", "CC6.6"),
  "CSRF and CORS": row("V3.5.1 V3.4.2", "SC-23", "PR.AA-04", "A.8.26", "CC6.6"),
  "Security headers": row("V3.4.1 V3.4.4 V3.4.6", "CM-6", "PR.PS-01", "A.8.9", "CC6.6"),
  "WAF / edge filtering, smuggling": row("V4.2.1", "SC-7", "PR.IR-01", "A.8.20", "CC6.6"),
  "SSRF and egress allow-list": row("V1.3.6 V13.2.4", "SC-7(5) AC-4", "PR.IR-01", "A.8.20", "CC6.6"),
  "DDoS resilience": row("V15.2.2", "SC-5", "PR.IR-04", "A.8.6 A.8.14", "A1.1"),
  "TLS everywhere": row("V12.1.1 V12.2.1", "SC-8 SC-8(1)", "PR.DS-02", "A.8.24", "CC6.7"),
  "Service mesh mTLS": row("V12.3.5", "SC-8(1) IA-3", "PR.DS-02 PR.AA-03", "A.8.20 A.8.24", "CC6.7"),
  "Network policy / segmentation": row("V13.2.4", "SC-7 AC-4", "PR.IR-01", "A.8.22", "CC6.6"),
  "Encryption at rest": row("V14.2.4 V11.3.3", "SC-28 SC-28(1)", "PR.DS-01", "A.8.24", "CC6.1"),
  "Key management and rotation": row("V11.1.1 V13.3.4", "SC-12", "PR.DS-01", "A.8.24", "CC6.1"),
  "Secrets management": row("V13.3.1 V13.3.2", "IA-5(7) SC-12", "PR.AA-01", "A.5.17", "CC6.1"),
  "AWS IAM least privilege": row("V13.2.2", "AC-6 AC-2", "PR.AA-05", "A.5.15 A.5.23", "CC6.3"),
  "AWS trail and config recording": row("V16.2.3", "AU-2 AU-12", "PR.PS-04 DE.CM-09", "A.8.15 A.5.23", "CC7.2"),
  "Database audit, least exposure": row("V16.3.2", "AU-2 AU-12", "PR.PS-04", "A.8.15", "CC7.2"),
  "Security event logging": row("V16.2.1 V16.3.1 V16.3.3", "AU-2 AU-3 AU-12", "PR.PS-04", "A.8.15", "CC7.2"),
  "Log integrity": row("V16.4.2", "AU-9 AU-9(3)", "PR.PS-04", "A.8.15 A.5.33", "CC7.2"),
  "Time synchronisation": row("V16.2.2", "AU-8", "PR.PS-04", "A.8.17", "CC7.2"),
  "Monitoring and alerting": row("V16.3.3", "SI-4 AU-6", "DE.CM-01 DE.CM-09 DE.AE-02", "A.8.16", "CC7.2 CC7.3"),
  "Suspicious-activity review (daily)": row("V16.3.3", "AU-6", "DE.AE-02 DE.AE-03", "A.8.16", "CC7.2"),
  "Access-log review (weekly)": row("V16.3.2", "AU-6 AC-2", "DE.CM-03", "A.5.18 A.8.15", "CC7.2"),
  "Metrics and KPI review (weekly)": row("", "CA-7", "GV.OV-03", "A.5.36", "CC4.1"),
  "Incident response plan": row("", "IR-8 IR-1", "ID.IM-04", "A.5.24", "CC7.3 CC7.4"),
  "Incident handling, < 1 h response": row("", "IR-4 IR-6", "RS.MA-01 RS.MA-02", "A.5.25 A.5.26", "CC7.4"),
  "Evidence collection and its integrity": row("V16.4.2", "AU-10 IR-4", "RS.AN-06 RS.AN-07", "A.5.28", "CC7.4"),
  "Post-incident learning": row("", "IR-4", "ID.IM-03", "A.5.27", "CC7.5"),
  "Incident exercise / tabletop": row("", "IR-3", "ID.IM-02", "A.5.24", "CC7.5"),
  Backup: row("V14.2.4", "CP-9", "PR.DS-11", "A.8.13", "A1.2"),
  "Restore test (monthly), success 100 %": row("", "CP-9(1) CP-4", "RC.RP-03 PR.DS-11", "A.8.13", "A1.3"),
  "Disaster recovery, RTO/RPO": row("", "CP-2 CP-10", "RC.RP-01 PR.IR-03", "A.5.29 A.5.30", "A1.2 A1.3"),
  "Availability > 99.99 %": row("", "CP-2 SC-5", "PR.IR-03 PR.IR-04", "A.8.14", "A1.1"),
  "Vulnerability scanning": row("V15.2.1", "RA-5", "ID.RA-01", "A.8.8", "CC7.1"),
  "Patch deployment < 24 h": row("V15.1.1 V15.2.1", "SI-2", "PR.PS-02", "A.8.8", "CC7.1"),
  "SBOM and dependency policy": row("V15.1.2 V15.2.4", "CM-8 SR-3", "ID.AM-02", "A.5.9 A.8.28", "CC7.1"),
  "Secure development, code review, SAST": row("", "SA-11 SA-15", "PR.PS-06", "A.8.25 A.8.28", "CC8.1"),
  "Change management": row("", "CM-3 CM-5", "ID.RA-07 PR.PS-01", "A.8.32", "CC8.1"),
  "Configuration baseline and drift": row("V13.4.2", "CM-2 CM-6", "PR.PS-01", "A.8.9", "CC7.1"),
  "Environment separation": row("V13.4.2", "CM-4(1)", "PR.PS-01", "A.8.31", "CC8.1"),
  "Penetration testing": row("", "CA-8", "ID.RA-01 ID.IM-02", "A.8.29", "CC4.1"),
  "Security audit / final review": row("", "CA-2 CA-5", "ID.IM-01", "A.5.35", "CC4.1 CC4.2"),
  "Compliance status review (monthly)": row("", "CA-7", "GV.OV-03", "A.5.36", "CC4.1"),
  "Exceptions / risk acceptance": row("", "CA-5 RA-7", "ID.RA-06 ID.RA-07", "A.5.36", "CC3.2 CC4.2"),
  "Security policies, yearly review": row("", "PL-1 AC-1", "GV.PO-01 GV.PO-02", "A.5.1", "CC5.3"),
  "Operating procedures and checklists": row("", "CM-3 SI-1", "GV.PO-01", "A.5.37", "CC5.3"),
  "Security training and attestation": row("", "AT-2 AT-3 AT-4", "PR.AT-01 PR.AT-02", "A.6.3", "CC1.4 CC2.2"),
  "Supplier and cloud service review": row("", "SA-9 SR-6", "GV.SC-07", "A.5.22 A.5.23", "CC9.2"),
  "Data classification and retention": row("V14.1.1 V14.2.7", "SI-12", "ID.AM-07", "A.5.12 A.8.10", "C1.1 C1.2"),
} as const satisfies Record<string, Requirements>;

/** Name of a subject. */
export type RequirementSubject = keyof typeof requirementsBySubject;

/** The union of the requirements of some subjects, each id once, sorted. */
export function requirementsOf(subjects: readonly RequirementSubject[]): Requirements {
  const rows = subjects.map((subject) => requirementsBySubject[subject]);
  const union = (key: keyof Requirements) => [...new Set(rows.flatMap((one) => one[key]))].sort();
  return { asvs: union("asvs"), nist: union("nist"), csf: union("csf"), iso: union("iso"), soc2: union("soc2") };
}
