import type { ApiRoute } from "../api-route.ts";
import type { OpenSessionPage } from "../people-shapes.ts";
import { numberIn, queryOf, textIn, wordIn } from "../query-input.ts";

const SESSIONS_USUAL = 50;
const SESSIONS_MAX = 200;

/** Everybody's sessions that are alive, newest first. `search`: the beginning of an address, or an account's id. */
export const sessionList: ApiRoute = {
  id: "GET /platform/v1/sessions",
  handle({ administration }, request): Promise<OpenSessionPage> {
    const raw = queryOf(request.query, ["search", "cursor", "limit"]);
    const [search, cursor] = [textIn(raw, "search"), wordIn(raw, "cursor")];
    return administration.openSessions({
      limit: numberIn(raw, "limit", 1, SESSIONS_MAX) ?? SESSIONS_USUAL,
      ...(search === undefined ? {} : { search }),
      ...(cursor === undefined ? {} : { cursor }),
    });
  },
};
