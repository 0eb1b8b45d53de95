import { ApiProblem } from "../api-problem.ts";
import type { ApiContext, ApiRoute } from "../api-route.ts";
import { type StreamOwner, streamText } from "../stream-hub.ts";

/** Missed events that a reconnecting browser is sent. */
const CATCH_UP_EVENTS_MAX = 200;
/** A service key does not expire; its stream is renewed daily. */
const DAY_MS = 24 * 60 * 60_000;

/** Events, alerts, incidents and proofs as they happen (server-sent events). */
export const eventStream: ApiRoute = {
  id: "GET /platform/v1/events/stream",
  async handle(context, request, reply): Promise<undefined> {
    const { subject, claims } = request;
    const now = context.now();
    const expiresAt = typeof claims?.exp === "number" ? claims.exp * 1000 : now + DAY_MS;
    const owner: StreamOwner = {
      subject: subject.id ?? "service",
      sessionId: subject.sessionId,
      expiresAt: Math.min(expiresAt, now + DAY_MS),
    };
    const seat = context.streams.reserve(owner);
    if (seat === null) throw new ApiProblem("platform/streams-full");
    try {
      const missed = await missedEvents(context, request.headers["last-event-id"]);
      // Ended while we looked, and the streams that ended with it have been told already.
      if (seat.isOver) throw new ApiProblem("platform/not-signed-in");
      reply.hijack();
      reply.raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store, no-transform" });
      reply.raw.write(missed);
    } finally {
      context.streams.release(seat);
    }
    context.streams.add(owner, reply.raw);
    return undefined;
  },
};

async function missedEvents({ events }: ApiContext, lastEventId: string | string[] | undefined): Promise<string> {
  if (typeof lastEventId !== "string" || !/^\d{1,15}$/.test(lastEventId)) return "";
  const { events: newest } = await events.query({ limit: CATCH_UP_EVENTS_MAX });
  const missed = newest.filter((event) => event.seq > Number(lastEventId)).reverse();
  return missed.map((event) => streamText("event", event, event.seq)).join("");
}
