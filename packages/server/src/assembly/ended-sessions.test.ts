import { expect, test } from "vitest";
import { createClosers } from "./closers.ts";
import { createEndedSessions } from "./ended-sessions.ts";

test("an ended session stays ended at least as long as its token lives, and is forgotten afterwards", () => {
  let now = 0;
  const ended = createEndedSessions(() => now);
  ended.add(["a"], 1_000);
  expect([ended.has("a"), ended.has("b")]).toEqual([true, false]);
  for (let index = 0; index < 3_000; index += 1) {
    now = index;
    ended.add([`s${index}`], index + 100);
  }
  expect(ended.size).toBeLessThan(1_500);
  expect(ended.has("s2999")).toBe(true);
});

test("a longer end is not shortened by a later call", () => {
  const ended = createEndedSessions(() => 50);
  ended.add(["a"], 1_000);
  ended.add(["a"], 10);
  ended.add(
    Array.from({ length: 1_000 }, (_, index) => `s${index}`),
    1,
  );
  expect(ended.has("a")).toBe(true);
  expect(ended.size).toBe(1);
});

test("everything is closed once, newest first, also when one does not close", async () => {
  const closed: string[] = [];
  const closers = createClosers();
  for (const name of ["first", "second", "third"]) {
    closers.add(() => {
      closed.push(name);
      if (name === "second") throw new Error("stuck");
    });
  }
  await expect(closers.closeAll()).rejects.toThrow("stuck");
  await closers.closeAll();
  expect(closed).toEqual(["third", "second", "first"]);
});
