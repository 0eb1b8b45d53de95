import { expect, test } from "vitest";
import { literalsOf } from "./checked-values.ts";

test("the words a CHECK constraint allows are read as PostgreSQL prints them", () => {
  expect(literalsOf("CHECK ((status = ANY (ARRAY['draft'::text, 'it''s out'::text])))")).toEqual(["draft", "it's out"]);
  expect(literalsOf("CHECK ((length(title) > 0))")).toEqual([]);
});
