import { scoreOf } from "../../controls/score.ts";
import type { ApiRoute } from "../api-route.ts";
import { controlSummaries } from "../control-view.ts";
import type { ControlList } from "../shapes.ts";

export const controlList: ApiRoute = {
  id: "GET /platform/v1/controls",
  handle(context): ControlList {
    const controls = controlSummaries(context);
    return { controls, score: scoreOf(controls.map((control) => control.status)) };
  },
};
