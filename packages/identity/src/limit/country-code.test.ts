import { expect, test } from "vitest";
import { countryCode } from "./country-code.ts";

test.each([
  ["41790000000", "41"],
  ["12025550100", "1"],
  ["79161234567", "7"],
  ["420601234567", "420"],
  ["252612345678", "252"],
  ["998901234567", "998"],
  ["3531234567", "353"],
  ["27123456789", "27"],
])("%s belongs to %s", (phone, code) => {
  expect(countryCode(phone)).toBe(code);
});
