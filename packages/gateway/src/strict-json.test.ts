import fc from "fast-check";
import { expect, test } from "vitest";
import { JSON_DEPTH_MAX, parseStrictJson } from "./strict-json.ts";

const poisoned = (text: string): boolean => /__proto__|constructor|prototype/.test(text);

test("whatever JSON.stringify writes is read back as it was, unless it is too deep or poisoned", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 0, max: 4 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      fc.pre(!poisoned(text));
      expect(parseStrictJson(text)).toEqual({ value: JSON.parse(text) });
    }),
  );
});

test("an object with a key twice is refused wherever it stands", () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue({ maxDepth: 2 }), fc.integer({ min: 0, max: 20 }), (key, value, depth) => {
      fc.pre(!poisoned(key + JSON.stringify(value)));
      const pair = `${JSON.stringify(key)}:${JSON.stringify(value)}`;
      const text = `${"[".repeat(depth)}{${pair},"another ${JSON.stringify(key).slice(1)}:1,${pair}}${"]".repeat(depth)}`;
      expect(parseStrictJson(text)).toEqual({ fault: "duplicate-key" });
    }),
  );
});

test("the same key in two objects is no duplicate", () => {
  expect(parseStrictJson('[{"a":1},{"a":{"a":2}}]')).toEqual({ value: [{ a: 1 }, { a: { a: 2 } }] });
});

test("text that looks like a key, a brace or an escape inside a string is only text", () => {
  const value = { a: '"a":1,{[\\', b: '\\"', c: "}:", "d:": ":" };
  expect(parseStrictJson(JSON.stringify(value))).toEqual({ value });
});

test("the depth is counted exactly, and a very deep text is refused without recursion", () => {
  const deep = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  expect("value" in parseStrictJson(deep(JSON_DEPTH_MAX))).toBe(true);
  expect(parseStrictJson(deep(JSON_DEPTH_MAX + 1))).toEqual({ fault: "too-deep" });
  expect(parseStrictJson(deep(200_000))).toEqual({ fault: "too-deep" });
});

test("half of a surrogate pair is refused as a key, as a value, escaped or raw; a whole pair and what only looks like one are not", () => {
  const halves = ['"\\ud800"', '"\\uDC00"', '"a\\ud83dz"', '"\\ude00\\ud83d"', '"\\\\\\ud800"', '"\ud800"'];
  for (const half of halves) {
    expect(parseStrictJson(half)).toEqual({ fault: "lone-surrogate" });
    expect(parseStrictJson(`{"a":[${half}]}`)).toEqual({ fault: "lone-surrogate" });
    expect(parseStrictJson(`{${half}:1}`)).toEqual({ fault: "lone-surrogate" });
  }
  for (const whole of ['"\\ud83d\\ude00"', '"\u{1f600}"', '"\\\\ud800"', '"\\u0041"']) {
    expect(parseStrictJson(`{"a":${whole}}`)).toEqual({ value: { a: JSON.parse(whole) } });
  }
});
