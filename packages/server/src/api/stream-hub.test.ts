import type { ServerResponse } from "node:http";
import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createStreamHub, type StreamHub, type StreamOwner } from "./stream-hub.ts";

const NOW = 1_800_000_000_000;
const owner = (change: Partial<StreamOwner> = {}): StreamOwner => ({
  subject: "ada",
  sessionId: "session",
  expiresAt: NOW + 600_000,
  ...change,
});

let hub: StreamHub;
beforeEach(() => {
  hub = createStreamHub(() => NOW);
});
afterEach(() => hub.close());

/** The reader's side: keeps what it is sent, or never takes any of it. */
class Reader extends Writable {
  text = "";
  isStuck = false;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    if (!this.isStuck) done();
  }
}

function open(who: StreamOwner): Reader {
  const reader = new Reader();
  hub.add(who, reader as unknown as ServerResponse);
  return reader;
}

/** Whether there is room for one more; the place is given back. */
function hasRoomFor(who: StreamOwner): boolean {
  const seat = hub.reserve(who);
  if (seat !== null) hub.release(seat);
  return seat !== null;
}

describe("the open streams", () => {
  test("a message goes to everybody as one event with its id", () => {
    const [a, b] = [open(owner()), open(owner({ subject: "bob" }))];
    a.text = "";
    hub.send("heartbeat", { now: 1 }, 7);
    expect(a.text).toBe('id: 7\nevent: heartbeat\ndata: {"now":1}\n\n');
    expect(b.text).toContain("id: 7\n");
  });

  test("a subject has room for six streams, and all together for thirty-two", () => {
    for (let index = 0; index < 6; index += 1) open(owner());
    expect(hasRoomFor(owner())).toBe(false);
    expect(hasRoomFor(owner({ subject: "bob" }))).toBe(true);
    for (let index = 0; index < 26; index += 1) open(owner({ subject: `s${index}` }));
    expect(hasRoomFor(owner({ subject: "bob" }))).toBe(false);
  });

  test("streams that are being prepared take room as well, so that many at once do not slip past the limit", () => {
    const seats = Array.from({ length: 7 }, () => hub.reserve(owner()));
    expect(seats.filter((seat) => seat === null)).toHaveLength(1);
    if (seats[0]) hub.release(seats[0]);
    expect(hasRoomFor(owner())).toBe(true);
  });

  test("a stream whose session ends while it is prepared is not begun", () => {
    const [ended, other] = [hub.reserve(owner()), hub.reserve(owner({ sessionId: "other" }))];
    hub.endSessions(["session"]);
    expect([ended?.isOver, other?.isOver]).toEqual([true, false]);
  });

  test("only the streams of an ended session end", () => {
    const [a, b] = [open(owner()), open(owner({ sessionId: "other" }))];
    hub.endSessions(["session", "unknown"]);
    expect(a.text).toContain('{"reason":"session-ended"}');
    expect(b.text).not.toContain("reason");
    expect(hub.open).toBe(1);
  });

  test("a stream ends when its token expires", async () => {
    const response = open(owner({ expiresAt: NOW }));
    await new Promise((resolve) => response.once("finish", resolve));
    expect(response.text).toContain('{"reason":"token-expired"}');
    expect(hub.open).toBe(0);
  });

  test("a reader that does not keep up is cut off; the others go on", () => {
    const slow = open(owner());
    slow.isStuck = true;
    const message = { now: NOW, filling: "x".repeat(100_000) } as { now: number };
    for (let index = 0; index < 15; index += 1) hub.send("heartbeat", message);
    expect(slow.writableEnded).toBe(true);
    expect(hub.open).toBe(0);
    expect(hasRoomFor(owner())).toBe(true);
  });

  test("a reader that goes away is forgotten; one that has gone is not added", async () => {
    const response = open(owner());
    response.destroy();
    await new Promise((resolve) => response.once("close", resolve));
    expect(hub.open).toBe(0);
    hub.add(owner(), response as unknown as ServerResponse);
    expect(hub.open).toBe(0);
  });

  test("when the platform stops everybody is told", () => {
    const response = open(owner());
    hub.close();
    expect(response.text).toContain('{"reason":"stopping"}');
  });
});
