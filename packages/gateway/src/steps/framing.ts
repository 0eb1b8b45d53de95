import type { IncomingMessage } from "node:http";
import type { Step, StepOutcome } from "../step.ts";

/** Field names that may come once. Node keeps the first of some, joins others: either way two readers could disagree. */
const SINGLETONS: ReadonlySet<string> = new Set([
  "authorization",
  "content-length",
  "content-type",
  "origin",
  "sec-fetch-site",
  "transfer-encoding",
]);

/** How many header fields a request may have. Node is told one more, since it drops what exceeds its own maximum unseen. */
export const HEADERS_MAX = 100;

/**
 * Refuses what is framed so that two readers could see different requests (RFC 9112 §6.3, §11.2), beyond what Node's
 * parser refuses: a repeated singleton, Transfer-Encoding in HTTP/1.0, a body on GET or HEAD.
 */
export const framing: Step = {
  name: "framing",
  when: "request",
  run({ raw }): StepOutcome {
    const { rawHeaders, headers } = raw;
    if (rawHeaders.length > 2 * HEADERS_MAX) return { code: "headers-too-large", reason: "too-many-headers" };
    if (repeatsSingleton(raw)) return { code: "malformed-request", reason: "duplicate-header" };
    const encoding = headers["transfer-encoding"];
    const length = headers["content-length"];
    if (encoding !== undefined) {
      if (raw.httpVersion !== "1.1") return { code: "malformed-request", reason: "transfer-encoding-in-http-1.0" };
      if (encoding !== "chunked") return { code: "malformed-request", reason: "transfer-encoding" };
      if (length !== undefined) return { code: "malformed-request", reason: "two-lengths" };
    }
    const hasBody = encoding !== undefined || (length !== undefined && length !== "0");
    if (hasBody && (raw.method === "GET" || raw.method === "HEAD"))
      return { code: "malformed-request", reason: "body-on-get" };
    return undefined;
  },
};

function repeatsSingleton(raw: IncomingMessage): boolean {
  // As many names as fields: nothing is repeated, which is nearly always so and cheaper to see.
  let names = 0;
  for (const _name in raw.headers) names += 1;
  if (names * 2 === raw.rawHeaders.length) return false;
  const seen = new Set<string>();
  for (let at = 0; at < raw.rawHeaders.length; at += 2) {
    const name = (raw.rawHeaders[at] as string).toLowerCase();
    if (!SINGLETONS.has(name)) continue;
    if (seen.has(name)) return true;
    seen.add(name);
  }
  return false;
}
