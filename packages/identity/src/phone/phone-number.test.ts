import { expect, test } from "vitest";
import { readPhone } from "./phone-number.ts";

test.each([
  ["+41 79 000 00 00", "41790000000"],
  ["41790000000", "41790000000"],
  ["+1\u00a02025550123", "12025550123"],
  ["＋４１７９００００００１", "41790000001"],
])("%j is %s", (given, number) => expect(readPhone(given)).toBe(number));

test.each([
  "",
  "+",
  "0790000000",
  "+0041",
  "++41",
  "4179000000012345",
  "41-79",
  "41790000000;ext=1",
  "٤١٧٩٠٠٠٠٠٠٠",
  "1",
])("%j is no number", (given) => expect(() => readPhone(given)).toThrow(/E\.164/));
