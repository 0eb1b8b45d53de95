import type { PoolList } from "../../replicas/replica-status.ts";
import type { ApiRoute } from "../api-route.ts";

/** Every pool of database connections: limits, use, waits, refusals. */
export const poolList: ApiRoute = {
  id: "GET /platform/v1/pools",
  handle: ({ pools }): PoolList => ({
    pools: Object.entries(pools).map(([name, pool]) => ({ name, ...pool.metrics })),
  }),
};
