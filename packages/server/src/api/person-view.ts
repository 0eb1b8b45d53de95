import type { Person as StoredPerson } from "@holdfast/identity/people";
import type { Policy } from "@holdfast/policy";
import type { Person } from "./people-shapes.ts";

/** A role that the policy does not know counts as privileged, as it does for identity. */
export const needsApproval = (policy: Policy, role: string): boolean => policy.roles[role]?.approval !== false;

export const personView = (policy: Policy, person: StoredPerson): Person => ({
  ...person,
  isPrivileged: person.roles.some(({ role }) => needsApproval(policy, role)),
});
