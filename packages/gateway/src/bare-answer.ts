// The last resort: what is answered when refusing itself fails, since a part that every refusal needs is what is broken.
import type { ServerResponse } from "node:http";
import { problemBody, problems } from "./problem.ts";
import type { ResponseHeaders } from "./response-headers.ts";

/** Answers 500 with every header field of an error and without a word of what happened, unless an answer has begun. */
export function answerBare(response: ServerResponse, requestId: string, headers: ResponseHeaders): void {
  if (response.writableEnded) return;
  if (response.headersSent) {
    // A part must not pass for the whole.
    response.destroy();
    return;
  }
  const body = problemBody({ code: "internal-error", reason: "unexpected" }, requestId);
  const own = ["content-type", "application/problem+json", "content-length", String(Buffer.byteLength(body))];
  own.push("x-request-id", requestId, "cache-control", "no-store", "connection", "close");
  response.writeHead(problems["internal-error"].status, headers.of.error.concat(own));
  response.end(body);
}
