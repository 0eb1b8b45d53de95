import type { ApiRoute } from "../api-route.ts";

/** Prometheus text. */
export const metricsGet: ApiRoute = {
  id: "GET /metrics",
  async handle({ metrics }, _request, reply) {
    const text = await metrics.text();
    return reply.header("content-type", metrics.contentType).send(text);
  },
};
