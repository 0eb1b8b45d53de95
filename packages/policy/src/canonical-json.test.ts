import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";

test("the order of keys does not matter, the order of lists does", () => {
  expect(canonicalJson({ b: [2, 1], a: { d: null, c: "é" } })).toBe('{"a":{"c":"é","d":null},"b":[2,1]}');
  expect(canonicalJson({ a: 1, b: undefined })).toBe('{"a":1}');
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
});

test("keys are sorted by UTF-16 code unit, as RFC 8785 has it", () => {
  expect(canonicalJson({ "\uFB33": 1, "\u{1F600}": 2, "\r": 3, "1": 4 })).toBe(
    '{"\\r":3,"1":4,"\u{1F600}":2,"\uFB33":1}',
  );
});

test("equal values have equal texts and the text reads back as the value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(canonicalJson(JSON.parse(JSON.stringify(value)))).toBe(text);
    }),
  );
});

test("what JSON cannot carry is an error, never left out silently", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  for (const value of [
    undefined,
    () => 1,
    Symbol("s"),
    1n,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    [undefined],
    circle,
  ]) {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  }
});
