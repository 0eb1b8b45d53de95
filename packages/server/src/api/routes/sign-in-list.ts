import type { EventName } from "@holdfast/policy";
import { EVENT_PAGE_MAX } from "../../events/event-query.ts";
import type { ApiRoute } from "../api-route.ts";
import type { SignInPage } from "../people-shapes.ts";
import { numberIn, queryOf } from "../query-input.ts";

/** What says how somebody came in, or did not. */
const names: readonly EventName[] = [
  "signin.succeeded",
  "signin.failed",
  "signin.locked",
  "factor.verified",
  "factor.failed",
  "session.reuse-detected",
  "impersonation.begun",
  "impersonation.ended",
  "impersonation.refused",
];

export const signInList: ApiRoute = {
  id: "GET /platform/v1/sign-ins",
  async handle({ events, settled }, request): Promise<SignInPage> {
    const raw = queryOf(request.query, ["cursor", "limit"]);
    const cursor = numberIn(raw, "cursor", 1, Number.MAX_SAFE_INTEGER);
    const limit = numberIn(raw, "limit", 1, EVENT_PAGE_MAX);
    await settled();
    return events.query({
      names,
      ...(cursor === undefined ? {} : { cursor }),
      ...(limit === undefined ? {} : { limit }),
    });
  },
};
