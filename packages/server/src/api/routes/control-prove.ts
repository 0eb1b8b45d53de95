import { ApiProblem } from "../api-problem.ts";
import { type ApiRoute, parameter } from "../api-route.ts";
import type { ProveAccepted } from "../shapes.ts";

/** "Attack again": begins a run in the background and answers at once. */
export const controlProve: ApiRoute = {
  id: "POST /platform/v1/controls/:id/prove",
  handle({ controls, proofs }, request, reply): ProveAccepted {
    const id = parameter(request, "id");
    const control = controls.find((each) => each.id === id);
    if (control === undefined) throw new ApiProblem("platform/not-found", "There is no control of that id.");
    const run = proofs.start(id, control.checks, request.subject.id ?? "service");
    void reply.code(202);
    return { run };
  },
};
