import { ApiProblem } from "../api-problem.ts";
import { type ApiRoute, parameter } from "../api-route.ts";
import { controlDetail } from "../control-view.ts";

export const controlGet: ApiRoute = {
  id: "GET /platform/v1/controls/:id",
  handle(context, request) {
    const id = parameter(request, "id");
    const control = context.controls.find((each) => each.id === id);
    if (control === undefined) throw new ApiProblem("platform/not-found", "There is no control of that id.");
    return controlDetail(context, control);
  },
};
