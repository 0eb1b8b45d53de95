// The open streams of consoles (server-sent events, HTML Standard §9.2). Their number is limited, a reader that does not keep
// up is cut off, and a stream ends with the session it belongs to.
import type { ServerResponse } from "node:http";
import type { StreamMessages } from "./shapes.ts";

const STREAMS_MAX = 32;
const STREAMS_PER_SUBJECT_MAX = 6;
const HEARTBEAT_MS = 15_000;
/** A reader that is this many bytes behind is cut off. */
const BACKLOG_BYTES_MAX = 1_048_576;
/** Timers cannot be longer (2^31 − 1 ms). */
const TIMER_MS_MAX = 2_147_483_647;

export interface StreamOwner {
  readonly subject: string;
  readonly sessionId: string | null;
  /** When the token expires, ms. */
  readonly expiresAt: number;
}

type StreamEnd = StreamMessages["end"]["reason"];

/** A place that is kept for a stream while it is prepared. */
export interface Seat {
  readonly owner: StreamOwner;
  /** The session ended meanwhile: the stream must not begin. */
  readonly isOver: boolean;
}

export interface StreamHub {
  readonly open: number;
  /** Null when the limit is reached. Seats count like streams; `release` gives one back, whatever came of it. */
  reserve(owner: StreamOwner): Seat | null;
  release(seat: Seat): void;
  /** Takes over the response, which must have been begun with `text/event-stream`. */
  add(owner: StreamOwner, response: ServerResponse): void;
  send<Name extends keyof StreamMessages>(name: Name, message: StreamMessages[Name], id?: number): void;
  endSessions(sessionIds: readonly string[]): void;
  close(): void;
}

interface Stream {
  readonly owner: StreamOwner;
  readonly response: ServerResponse;
  readonly expiry: NodeJS.Timeout;
}

/** The text of one message. JSON has no line breaks, so one `data:` line is enough. */
export function streamText<Name extends keyof StreamMessages>(
  name: Name,
  message: StreamMessages[Name],
  id?: number,
): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(message)}\n\n`;
}

export function createStreamHub(now: () => number): StreamHub {
  const streams = new Set<Stream>();
  const seats = new Set<{ readonly owner: StreamOwner; isOver: boolean }>();

  const hasRoomFor = (owner: StreamOwner): boolean => {
    const all = [...streams, ...seats];
    const own = all.filter((each) => each.owner.subject === owner.subject).length;
    return all.length < STREAMS_MAX && own < STREAMS_PER_SUBJECT_MAX;
  };
  const end = (stream: Stream, reason: StreamEnd): void => {
    if (!streams.delete(stream)) return;
    clearTimeout(stream.expiry);
    stream.response.end(streamText("end", { reason }));
  };
  const write = (stream: Stream, text: string): void => {
    if (stream.response.writableLength > BACKLOG_BYTES_MAX) end(stream, "too-slow");
    else stream.response.write(text);
  };
  const heartbeat = setInterval(() => {
    for (const stream of streams) write(stream, streamText("heartbeat", { now: now() }));
  }, HEARTBEAT_MS);
  heartbeat.unref();

  return {
    get open() {
      return streams.size;
    },
    reserve(owner) {
      if (!hasRoomFor(owner)) return null;
      const seat = { owner, isOver: false };
      seats.add(seat);
      return seat;
    },
    release(seat) {
      seats.delete(seat);
    },
    add(owner, response) {
      if (response.destroyed) return;
      const waitMs = Math.min(Math.max(owner.expiresAt - now(), 0), TIMER_MS_MAX);
      const expiry = setTimeout(() => end(stream, "token-expired"), waitMs);
      expiry.unref();
      const stream: Stream = { owner, response, expiry };
      streams.add(stream);
      const forget = (): void => {
        clearTimeout(expiry);
        streams.delete(stream);
      };
      response.on("close", forget);
      // A reader that goes away while we write is an ordinary end.
      response.on("error", forget);
      response.write(streamText("heartbeat", { now: now() }));
    },
    send(name, message, id) {
      if (streams.size === 0) return;
      const text = streamText(name, message, id);
      for (const stream of streams) write(stream, text);
    },
    endSessions(sessionIds) {
      const ended = new Set(sessionIds);
      for (const seat of seats) seat.isOver ||= seat.owner.sessionId !== null && ended.has(seat.owner.sessionId);
      for (const stream of streams) {
        if (stream.owner.sessionId !== null && ended.has(stream.owner.sessionId)) end(stream, "session-ended");
      }
    },
    close() {
      clearInterval(heartbeat);
      for (const stream of streams) end(stream, "stopping");
    },
  };
}
