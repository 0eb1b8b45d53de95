import { expect, test } from "vitest";
import { refusalHint, refusalText } from "./refusal-text.ts";

test("a problem is a sentence with its status and code, never its JSON", () => {
  const body = JSON.stringify({
    type: "urn:holdfast:problem:platform/not-found",
    code: "platform/not-found",
    title: "Not found",
    detail: "There is no account of that address or id.",
    hint: "List what there is first.",
    requestId: "x",
  });
  expect(refusalText(404, body)).toBe(
    "Not found: There is no account of that address or id (404) [platform/not-found]",
  );
  expect(refusalHint(body)).toBe("List what there is first.");
});

test("so are both of identity's error bodies", () => {
  expect(refusalText(422, JSON.stringify({ code: 422, error_code: "email_exists", msg: "Taken" }))).toBe(
    "Taken (422) [email_exists]",
  );
  expect(refusalText(422, JSON.stringify({ code: "email_exists", message: "Taken" }))).toBe(
    "Taken (422) [email_exists]",
  );
});

test("what is no refusal of ours is told by its status, and nothing it says moves the cursor of a terminal", () => {
  expect(refusalText(502, "<html>bad gateway</html>")).toBe("it answered 502 and did not say why");
  expect(refusalHint("<html>")).toBeUndefined();
  expect(refusalText(400, JSON.stringify({ title: "a\u001b[2Jb\nc" }))).toBe("a [2Jb c (400)");
});
