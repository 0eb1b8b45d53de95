// Roles: which includes which, who therefore holds what, and which count only after a second factor.
import { checkIdentifier } from "./identifier.ts";
import { ownField } from "./own-field.ts";
import type { Assurance, RolePolicy } from "./policy.ts";
import {
  addIssue,
  addUndeclared,
  below,
  Found,
  type Report,
  readBoolean,
  readChoice,
  readNames,
  readObject,
  readRecord,
} from "./report.ts";

const rolesMax = 64;

// The roles of PostgreSQL that requests run as; a role of the application of the same name would be confused with them.
const databaseRoles = ["anon", "authenticated", "service_role", "public"];

interface Declared {
  readonly direct: readonly string[];
  readonly requires: Assurance;
  /** As the author wrote it. */
  readonly approval: boolean | undefined;
}

/** The roles in normal form, with their closure. */
export function readRoles(report: Report, value: unknown): Readonly<Record<string, RolePolicy>> {
  const declared = readDeclared(report, value);
  const roles: Record<string, RolePolicy> = {};
  const closures = Object.keys(declared).map((name) => [name, closureOf(name, declared)] as const);
  for (const [name, closure] of closures) {
    const requires = declared[name]?.requires ?? "aal1";
    if (closure.has(name))
      addIssue(report, "role/cycle", `roles.${name}.includes`, "no circle", new Found(`"${name}" includes itself`));
    const includes = [...closure].filter((other) => other !== name).sort();
    const heldBy = closures.filter(([other, reached]) => other === name || reached.has(name)).map(([other]) => other);
    const approval = approvalOf(report, name, includes, declared);
    roles[name] = { includes, heldBy: heldBy.sort(), requires, approval };
    checkStrength(report, name, requires, includes, declared);
  }
  return roles;
}

function readDeclared(report: Report, value: unknown): Readonly<Record<string, Declared>> {
  const entries = Object.entries(readRecord(report, "roles", value, "a record of roles") ?? {});
  if (entries.length > rolesMax)
    addIssue(report, "input/too-many", "roles", `at most ${rolesMax} roles`, new Found(`${entries.length}`));
  const names = entries.map(([name]) => name);
  const declared: Record<string, Declared> = {};
  for (const [name, role] of entries.slice(0, rolesMax)) {
    const path = below("roles", name);
    const fields = readObject(report, path, role, ["includes", "requires", "approval"]) ?? {};
    const direct = readNames(report, below(path, "includes"), fields.includes, rolesMax);
    direct.forEach((other, index) => {
      if (!names.includes(other))
        addUndeclared(report, "role/undeclared", below(below(path, "includes"), index), other, names);
    });
    const requires = readChoice(report, below(path, "requires"), fields.requires, ["aal1", "aal2"], "aal1");
    const approval =
      fields.approval === undefined ? undefined : readBoolean(report, below(path, "approval"), fields.approval, true);
    if (checkIdentifier(report, path, name, databaseRoles)) declared[name] = { direct, requires, approval };
  }
  return declared;
}

/** Every role reachable through `includes`; the role itself only where there is a circle. */
function closureOf(name: string, declared: Readonly<Record<string, Declared>>): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [name];
  for (let current = open.pop(); current !== undefined; current = open.pop()) {
    for (const next of ownField(declared, current)?.direct ?? []) {
      if (reached.has(next) || !Object.hasOwn(declared, next)) continue;
      reached.add(next);
      open.push(next);
    }
  }
  return reached;
}

function checkStrength(
  report: Report,
  name: string,
  requires: Assurance,
  includes: readonly string[],
  declared: Readonly<Record<string, Declared>>,
): void {
  if (requires === "aal2") return;
  const stronger = includes.find((other) => ownField(declared, other)?.requires === "aal2");
  if (stronger === undefined) return;
  addIssue(
    report,
    "role/includes-stronger",
    `roles.${name}`,
    'requires: "aal2"',
    new Found(`aal1, though it includes "${stronger}"`),
  );
}

/** What a role asks for by itself: what the author wrote, else as much as its strength suggests. */
const asksApproval = (role: Declared | undefined): boolean => role?.approval ?? role?.requires === "aal2";

/** A role that includes one nobody gives alone would be a way around the approval. */
function approvalOf(
  report: Report,
  name: string,
  includes: readonly string[],
  declared: Readonly<Record<string, Declared>>,
): boolean {
  const own = ownField(declared, name);
  const approved = includes.find((other) => asksApproval(ownField(declared, other)));
  if (own?.approval === false && approved !== undefined) {
    const found = new Found(`false, though it includes "${approved}"`);
    addIssue(report, "role/includes-approved", `roles.${name}.approval`, "true", found);
  }
  return asksApproval(own) || approved !== undefined;
}

const administratorByDefault = "admin";

/** The name of the role that administers the platform. */
export function readAdministrator(report: Report, value: unknown, roles: Readonly<Record<string, RolePolicy>>): string {
  const fields = value === undefined ? {} : (readObject(report, "platform", value, ["administrator"]) ?? {});
  const name = fields.administrator ?? administratorByDefault;
  const path = "platform.administrator";
  const role = typeof name === "string" ? ownField(roles, name) : undefined;
  if (typeof name !== "string" || role === undefined) {
    addIssue(report, "role/administrator-undeclared", path, `one of ${Object.keys(roles).join(", ")}`, name);
    return administratorByDefault;
  }
  if (role.requires !== "aal2") addIssue(report, "role/administrator-weak", path, 'a role with requires: "aal2"', name);
  return name;
}
