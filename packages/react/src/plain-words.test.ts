import { expect, test } from "vitest";
import { plainWords } from "./plain-words.ts";
import { ProblemError } from "./problem-error.ts";
import { ReactError } from "./react-error.ts";

const problem = (code: string, status: number, more: Partial<ConstructorParameters<typeof ProblemError>[0]> = {}) =>
  new ProblemError({
    code,
    status,
    type: "about:blank",
    title: "Invalid login credentials",
    detail: "",
    requestId: null,
    retryAfterSeconds: null,
    errors: [],
    ...more,
  });

test("a refusal that is known is said in plain words, from identity and through the platform's API alike", () => {
  const words = "The e-mail address or the password is wrong.";
  expect(plainWords(problem("invalid_credentials", 400))).toBe(words);
  expect(plainWords(problem("identity/invalid_credentials", 400))).toBe(words);
  expect(plainWords(problem("over_request_rate_limit", 429, { retryAfterSeconds: 7 }))).toContain("in 7 seconds");
});

test("a place's own sentence comes first", () => {
  expect(plainWords(problem("email_exists", 422), { email_exists: "It is taken." })).toBe("It is taken.");
});

test("what is not known falls back on what its status means, and names the request where the server failed", () => {
  expect(plainWords(problem("strange", 403))).toBe("You may not do this.");
  expect(plainWords(problem("strange", 500, { requestId: "r-1" }))).toMatch(/Reference: r-1$/);
  expect(plainWords(problem("strange", 409, { detail: "Already closed." }))).toBe("Already closed.");
  expect(plainWords(new TypeError("x is undefined"))).not.toContain("undefined");
  expect(plainWords(new ReactError("react/passkey-cancelled", "The prompt was closed.", "Try again."))).toBe(
    "The prompt was closed. Try again.",
  );
});
