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
const SINGLETON_LENGTHS: ReadonlySet<number> = new Set([...SINGLETONS].map((name) => name.length));

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
    if (repeatsSingleton(rawHeaders)) return { code: "malformed-request", reason: "duplicate-header" };
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

function repeatsSingleton(rawHeaders: readonly string[]): boolean {
  let seen = "";
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const spelled = rawHeaders[at] as string;
    if (!SINGLETON_LENGTHS.has(spelled.length)) continue;
    const name = spelled.toLowerCase();
    if (!SINGLETONS.has(name)) continue;
    if (seen.includes(name)) return true;
    seen += `${name} `;
  }
  return false;
}
