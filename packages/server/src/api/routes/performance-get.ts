import type { PerformanceReport } from "../../performance/performance-shapes.ts";
import type { ApiRoute } from "../api-route.ts";

/** How the database does: load, locks, statements with what policies cost, I/O, bloat, growth and advice. */
export const performanceGet: ApiRoute = {
  id: "GET /platform/v1/performance",
  handle: ({ performance }): Promise<PerformanceReport> => performance.report(),
};
