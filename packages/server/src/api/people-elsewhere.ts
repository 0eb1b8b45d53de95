// The accounts of this deployment live in a hosted project: nobody can be looked at or changed from here, and every call says so.
import type { Administration } from "@holdfast/identity";
import { ApiProblem } from "./api-problem.ts";

function refuse(): never {
  throw new ApiProblem("platform/people-elsewhere");
}

export const peopleElsewhere: Administration = {
  people: refuse,
  person: refuse,
  sessionsOf: refuse,
  openSessions: refuse,
  addressesOf: refuse,
  doubtful: refuse,
  roleClasses: refuse,
  create: refuse,
  ban: refuse,
  remove: refuse,
  endSessions: refuse,
  removeFactor: refuse,
  wishRole: refuse,
  withdrawRole: refuse,
  roleRequests: refuse,
  decideRole: refuse,
};
