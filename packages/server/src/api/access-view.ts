// Who can do what: the policy's answer for every set of roles that accounts hold, and accounts that somebody should look at.
import type { Person } from "@holdfast/identity/people";
import { type Right, rightsOf } from "@holdfast/policy";
import { ApiProblem } from "./api-problem.ts";
import type { ApiContext } from "./api-route.ts";
import type { AccessClass, AccessReport, AccessReview, FlaggedPerson } from "./people-shapes.ts";
import { needsApproval, personView } from "./person-view.ts";

const CLASSES_MAX = 50;
const FLAGGED_MAX = 200;
const UNUSED_MS = 90 * 24 * 60 * 60_000;

export interface AccessQuestion {
  readonly who?: string | undefined;
  readonly what?: string | undefined;
}

export async function accessReport(context: ApiContext, { who, what }: AccessQuestion): Promise<AccessReport> {
  const { policy, policyHash } = context;
  const person = who === undefined ? null : await findPerson(context, who);
  const classes = person === null ? await classesOf(context) : [{ roles: rolesOf(person), people: 1 }];
  return {
    policyHash,
    who: person === null ? null : personView(policy, person),
    classes: classes.slice(0, CLASSES_MAX).map(({ roles, people }) => classOf(context, roles, people, what)),
    flagged: person === null ? await flagged(context) : [],
    reviewed: await newestReview(context),
  };
}

/** Where nobody can count people, each role of the policy stands for whoever may hold it. */
async function classesOf({ administration, policy }: ApiContext) {
  if (policy.identity.hosted === null) return await administration.roleClasses();
  return [[], ...Object.keys(policy.roles).map((role) => [role])].map((roles) => ({ roles, people: null }));
}

const rolesOf = (person: Person): readonly string[] => person.roles.map(({ role }) => role);

async function findPerson({ administration }: ApiContext, who: string): Promise<Person> {
  const { people } = await administration.people({ search: who, limit: 2 });
  const found = people.find(({ id, email }) => id === who || email === who.toLowerCase());
  if (found === undefined) throw new ApiProblem("platform/not-found", "There is no account of that address or id.");
  return found;
}

function classOf(
  { policy }: ApiContext,
  roles: readonly string[],
  people: number | null,
  what: string | undefined,
): AccessClass {
  const all = rightsOf(policy, roles);
  return { roles, people, rights: what === undefined ? all : all.filter((right) => isAbout(right, what)) };
}

/** `GET /api/content`, `/api/content`, `content.update` and `content` all name what they look like. */
function isAbout({ action }: Right, what: string): boolean {
  return action === what || action.split(" ")[1] === what || action.split(".")[0] === what;
}

async function flagged({ administration, policy, now }: ApiContext): Promise<readonly FlaggedPerson[]> {
  if (policy.identity.hosted !== null) return [];
  const unusedSince = now() - UNUSED_MS;
  const privileged = Object.keys(policy.roles).filter((role) => needsApproval(policy, role));
  const people = await administration.doubtful(unusedSince, privileged, FLAGGED_MAX);
  return people.map((person) => {
    const isUnused = (person.lastSignInAt ?? person.createdAt) < unusedSince;
    const isBare = rolesOf(person).some((role) => privileged.includes(role)) && person.protection === "none";
    return {
      id: person.id,
      email: person.email,
      roles: rolesOf(person),
      lastSignInAt: person.lastSignInAt,
      reasons: [...(isUnused ? (["unused"] as const) : []), ...(isBare ? (["no-second-factor"] as const) : [])],
    };
  });
}

async function newestReview({ events, settled }: ApiContext): Promise<AccessReview | null> {
  await settled();
  const [event] = (await events.query({ name: "access.reviewed", limit: 1 })).events;
  if (event === undefined) return null;
  const { note, reviewer, policy } = event.detail;
  return { at: event.at, by: String(reviewer ?? event.subject), note: String(note), policyHash: String(policy) };
}
