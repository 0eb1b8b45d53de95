import type { ApiRoute } from "../api-route.ts";
import { numberIn, queryOf } from "../query-input.ts";
import type { InboxPage } from "../shapes.ts";

const messagesUsual = 50;
const messagesMax = 500;

/** Messages of a deployment that sends none; of one that sends mail nothing is kept, and nothing is told. */
export const inboxGet: ApiRoute = {
  id: "GET /platform/v1/inbox",
  handle({ inbox }, request): InboxPage {
    const limit = numberIn(queryOf(request.query, ["limit"]), "limit", 1, messagesMax) ?? messagesUsual;
    if (inbox === null) return { delivers: "smtp", messages: [] };
    return { delivers: "inbox", messages: inbox.messages().slice(0, limit) };
  },
};
