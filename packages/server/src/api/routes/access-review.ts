import { subjectFacts } from "@holdfast/policy";
import { type ApiRoute, personOf } from "../api-route.ts";
import type { AccessReview } from "../people-shapes.ts";
import { noteOf } from "../query-input.ts";

/** Somebody has looked at who can do what, and says so under their name; the event is the record. */
export const accessReview: ApiRoute = {
  id: "POST /platform/v1/access/reviews",
  handle({ emit, now, policyHash }, request): AccessReview {
    const reviewer = personOf(request);
    const [note, at, by] = [noteOf(request.body), now(), reviewer.email ?? reviewer.id];
    emit({
      name: "access.reviewed",
      at,
      service: "platform",
      route: this.id,
      ...subjectFacts(request.subject),
      requestId: request.requestId,
      address: request.address,
      ...(request.correlation === undefined ? {} : { correlation: request.correlation }),
      detail: { note, reviewer: by, policy: policyHash },
    });
    return { at, by, note, policyHash };
  },
};
