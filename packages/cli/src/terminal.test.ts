import { expect, test } from "vitest";
import { openTerminal, visible } from "./terminal.ts";

const written = (work: (terminal: ReturnType<typeof openTerminal>) => void, isTTY = true): string => {
  const texts: string[] = [];
  work(openTerminal({ isTTY, write: (text) => texts.push(text) }));
  return texts.join("");
};

/** Clears the screen, sets the title, moves to the line's start, turns the reading direction. */
const HOSTILE = "name\u001b[2J\u001b]0;title\u0007\rover\u009b1m\u202e\u0000";

test("what a name holds is shown and never obeyed, in every kind of line", () => {
  for (const kind of ["line", "progress", "done", "warn"] as const) {
    const text = written((terminal) => terminal[kind](HOSTILE), false);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(text).toContain("name\\x1b[2J\\x1b]0;title\\x07\\x0dover\\x9b1m\\u202e\\x00");
  }
});

test("a progress that says again what stands there writes nothing, and one after a line is written again", () => {
  const work = (terminal: ReturnType<typeof openTerminal>) => {
    for (const text of ["1 MiB", "1 MiB", "2 MiB", "2 MiB"]) terminal.progress(text);
    terminal.line("seen");
    terminal.progress("2 MiB");
  };
  expect(written(work, false)).toBe("… 1 MiB\n… 2 MiB\nseen\n… 2 MiB\n");
  expect(written(work).match(/2 MiB/g)).toHaveLength(2);
});

test("what we write to steer it ourselves, line breaks, and letters of every language stay", () => {
  const lines = written((terminal) => {
    terminal.progress("looking");
    terminal.line("seen");
  });
  expect(lines).toContain("\r\u001b[2Kseen\n");
  expect(visible("שלום\tzażółć\n日本 e\u0301 👩‍🔬")).toBe("שלום\tzażółć\n日本 e\u0301 👩‍🔬");
});
