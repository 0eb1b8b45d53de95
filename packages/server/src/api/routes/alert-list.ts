import { causesOf } from "../../alerts/alert-cause.ts";
import type { ApiRoute } from "../api-route.ts";
import { CURSOR_MAX, PAGE_MAX, pageOf } from "../page.ts";
import { numberIn, oneOfIn, queryOf } from "../query-input.ts";
import type { AlertPage } from "../shapes.ts";

export const alertList: ApiRoute = {
  id: "GET /platform/v1/alerts",
  async handle({ alerts, database, settled }, request): Promise<AlertPage> {
    await settled();
    const raw = queryOf(request.query, ["state", "cursor", "limit"]);
    const state = oneOfIn(raw, "state", ["open", "acknowledged", "closed"] as const);
    const all = [...alerts.state.alerts.values()].reverse();
    const wanted = state === undefined ? all : all.filter((alert) => alert.state === state);
    const { entries, next } = pageOf(
      wanted,
      numberIn(raw, "cursor", 0, CURSOR_MAX),
      numberIn(raw, "limit", 1, PAGE_MAX),
    );
    const causes = await causesOf(database, entries);
    return { alerts: entries.map((alert) => ({ ...alert, causedByCheck: causes.get(alert.id) ?? null })), next };
  },
};
