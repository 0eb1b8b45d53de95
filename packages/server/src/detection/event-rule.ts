import type { EventName } from "@holdfast/policy";
import type { DetectedEvent, Finding } from "./finding.ts";

/** A rule over the event log. It is shown every event of one name, once and in order. */
export interface EventRule {
  readonly id: Finding["rule"];
  readonly event: EventName;
  /** After a restart it is shown again what was recorded so long before the place where it stopped; 0 when it remembers nothing. */
  readonly remembersMs: number;
  detect(event: DetectedEvent): readonly Finding[];
}
