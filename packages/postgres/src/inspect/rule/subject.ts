// What is inspected, as far as every rule needs it: the roles requests come as, and names quoted for statements.

export interface RequestRole {
  /** 0 for PUBLIC. */
  readonly oid: number;
  readonly name: string;
}

export interface Subject {
  /** Roles that people's requests run as, PUBLIC first. What they reach is exposed. */
  readonly requestRoles: readonly RequestRole[];
  /** Schemas whose objects are a vendor's own. */
  readonly skippedSchemas: readonly string[];
  /** `server_version_num`, for example 180004. */
  readonly version: number;
  readonly versionText: string;
}

export const PUBLIC = "PUBLIC";

/** A role to attack as, out of those that have the right: somebody real, since nobody is PUBLIC. */
export function attackerOf(subject: Subject, names: readonly string[]): string | undefined {
  const real = subject.requestRoles.filter(({ name }) => name !== PUBLIC);
  return (real.find(({ name }) => names.includes(name)) ?? (names.includes(PUBLIC) ? real[0] : undefined))?.name;
}

/** An identifier, quoted always. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A role in GRANT and REVOKE. */
export function grantee(name: string): string {
  return name === PUBLIC ? PUBLIC : quoted(name);
}

export function grantees(names: readonly string[]): string {
  return names.map(grantee).join(", ");
}

/** Safe whatever standard_conforming_strings says, which a database may set for those who come. */
export function literal(text: string): string {
  const doubled = text.replaceAll("'", "''");
  return text.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}
