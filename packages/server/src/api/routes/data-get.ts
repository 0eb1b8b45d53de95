import type { ApiRoute } from "../api-route.ts";
import type { DataReport } from "../data-shapes.ts";
import { dataReport } from "../data-view.ts";

/** The application's tables: how they are kept, and who can do what with them by which line of the policy. */
export const dataGet: ApiRoute = {
  id: "GET /platform/v1/data",
  handle: (context): Promise<DataReport> => dataReport(context),
};
