import type { ActionRefusal } from "../incidents/response.ts";
import { ApiProblem } from "./api-problem.ts";

/** Why an alert or incident could not be acknowledged or closed, as a problem. */
export function refuseAction(refusal: ActionRefusal): never {
  if (refusal === "unknown") throw new ApiProblem("platform/not-found", "There is no alert or incident of that id.");
  throw new ApiProblem(`platform/${refusal}`);
}
