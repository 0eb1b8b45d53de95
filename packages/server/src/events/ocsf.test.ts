import { canonicalJson, type EventName, eventKinds } from "@holdfast/policy";
import { describe, expect, test } from "vitest";
import { cleanEvent, ocsfBody, ocsfSequence, ocsfUid, toEventRecord, toOcsf } from "./ocsf.ts";

const AT = 1_800_000_000_000;
const recorded = { seq: 7, at: AT + 5, uid: "uid" };

const names = Object.keys(eventKinds) as EventName[];

/** What OCSF 1.8 requires of each class beyond the base event, as paths. */
const required: Readonly<Record<number, readonly string[]>> = {
  2004: ["finding_info.uid"],
  2005: ["finding_info_list.0.uid", "status_id", "assignee.uid"],
  3001: ["user.uid"],
  3002: ["user.uid", "service.name"],
  3004: ["entity.uid"],
  4001: ["src_endpoint", "dst_endpoint.name"],
  4002: ["http_request", "dst_endpoint.name"],
  6002: ["app.name"],
  6003: ["actor.user.uid", "api.operation", "src_endpoint"],
  6005: ["actor.user.uid", "src_endpoint", "database.name"],
};
const always = [
  "activity_id",
  "category_uid",
  "class_uid",
  "metadata.version",
  "metadata.product.name",
  "severity_id",
  "time",
  "type_uid",
];

function at(record: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], record);
}

describe("every event of the vocabulary as OCSF", () => {
  test.each(names)("%s has what its class requires, even when nothing but its name is known", (name) => {
    const record = toOcsf(cleanEvent({ name, at: AT }) as never, recorded);
    const { classUid, activityId, severityId } = eventKinds[name];
    for (const path of [...always, ...(required[classUid] ?? ["no such class"])]) {
      expect(at(record, path), path).toBeDefined();
    }
    expect(record).toMatchObject({
      class_uid: classUid,
      category_uid: Math.floor(classUid / 1000),
      type_uid: classUid * 100 + activityId,
      severity_id: severityId,
      time: AT,
      metadata: { event_code: name, sequence: 7, logged_time: AT + 5, uid: "uid" },
    });
  });

  test.each(names)("%s is read back as it was", (name) => {
    const event = {
      name,
      at: AT,
      requestId: "r",
      correlation: "c",
      subject: "s",
      sessionId: "e",
      address: "2001:db8::1",
      route: "GET /api/content/:id",
      service: "api",
      reason: "why",
      detail: { count: 3, isIt: true, what: "x" },
    } as const;
    const body = ocsfBody(cleanEvent(event) as never, recorded);
    expect(toEventRecord({ body, previousHash: "p", hash: "h" })).toMatchObject({
      ...event,
      seq: 7,
      recordedAt: AT + 5,
    });
    expect(ocsfSequence(body)).toBe(7);
    expect(ocsfUid(body)).toBe("uid");
    expect(body).toBe(canonicalJson(JSON.parse(body)));
  });

  test("what is no JSON any more has neither a sequence nor an id", () => {
    expect(ocsfSequence("{")).toBeUndefined();
    expect(ocsfUid("{}")).toBeUndefined();
  });
});
