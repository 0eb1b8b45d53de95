import { EVENT_PAGE_MAX } from "../../events/event-query.ts";
import type { EventPage, EventQuery } from "../../events/event-record.ts";
import { isEventName } from "../../events/ocsf.ts";
import { ApiProblem } from "../api-problem.ts";
import type { ApiRoute } from "../api-route.ts";
import { numberIn, queryOf, wordIn } from "../query-input.ts";

const parameters = ["after", "before", "name", "correlation", "cursor", "limit"] as const;

export const eventList: ApiRoute = {
  id: "GET /platform/v1/events",
  async handle({ events, settled }, request): Promise<EventPage> {
    const raw = queryOf(request.query, parameters);
    const name = wordIn(raw, "name");
    if (name !== undefined && !isEventName(name))
      throw new ApiProblem("platform/input-invalid", "name: no such event.");
    const query = {
      after: numberIn(raw, "after", 0, Number.MAX_SAFE_INTEGER),
      before: numberIn(raw, "before", 0, Number.MAX_SAFE_INTEGER),
      name,
      correlation: wordIn(raw, "correlation"),
      cursor: numberIn(raw, "cursor", 1, Number.MAX_SAFE_INTEGER),
      limit: numberIn(raw, "limit", 1, EVENT_PAGE_MAX),
    };
    await settled();
    return events.query(
      Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as EventQuery,
    );
  },
};
