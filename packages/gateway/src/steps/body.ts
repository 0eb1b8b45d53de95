import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { BodyCheck } from "../body-schema.ts";
import type { GatewayRequest } from "../gateway-request.ts";
import type { BodyIssue } from "../problem.ts";
import { FORM_TYPE } from "../route.ts";
import type { Step, StepOutcome } from "../step.ts";
import { parseStrictJson } from "../strict-json.ts";

/**
 * Reads and checks the body. A route without a schema takes none. Bytes are counted as they arrive, whatever
 * Content-Length says; the body is passed on exactly as it was checked.
 */
export const body: Step = {
  name: "body",
  when: "request",
  applies: (route) => route.kind === "service" && route.method !== "GET" && route.method !== "HEAD",
  run(request): StepOutcome | Promise<StepOutcome> {
    const { route, raw } = request;
    if (route.kind !== "service") return undefined;
    if (!request.hasBody) {
      request.isBodyRead = true;
      return route.body === null || route.body.check === null ? undefined : { code: "body-missing", reason: "missing" };
    }
    if (route.body === null) return { code: "body-not-expected", reason: "not-expected" };
    if (
      !isAcceptable(raw.headers["content-type"], route.body.mediaTypes) ||
      raw.headers["content-encoding"] !== undefined
    ) {
      return { code: "body-type-unsupported", reason: "media-type" };
    }
    const { check } = route.body;
    const isForm = raw.headers["content-type"]?.toLowerCase().startsWith(FORM_TYPE) ?? false;
    return readBody(raw, route.bodyBytesMax, (bytes) => inspect(request, bytes, check, isForm));
  },
};

type ReadBody = Buffer | "too-large" | "aborted";

const NO_ERRORS: readonly BodyIssue[] = Object.freeze([]);
const CHARSET_UTF8 = /^\s*charset\s*=\s*"?utf-8"?\s*$/i;

/** The media type exactly, with no parameter but `charset=utf-8`. What only resembles JSON is not JSON. */
function isAcceptable(contentType: string | undefined, mediaTypes: readonly string[]): boolean {
  if (contentType === undefined) return false;
  const semicolon = contentType.indexOf(";");
  if (semicolon === -1) return mediaTypes.includes(contentType) || mediaTypes.includes(contentType.toLowerCase());
  const essence = contentType.slice(0, semicolon).trimEnd().toLowerCase();
  return mediaTypes.includes(essence) && CHARSET_UTF8.test(contentType.slice(semicolon + 1));
}

function inspect(request: GatewayRequest, bytes: ReadBody, check: BodyCheck | null, isForm: boolean): StepOutcome {
  // Who has gone reads no answer.
  if (bytes === "aborted") return "answered";
  if (bytes === "too-large") return { code: "body-too-large", reason: "too-large" };
  request.isBodyRead = true;
  if (bytes.length === 0) return check === null ? undefined : { code: "body-missing", reason: "missing" };
  if (!isUtf8(bytes)) return { code: "body-malformed", reason: "encoding" };
  if (isForm) {
    // Where forms are taken at all, the service reads their fields; one that is there twice it refuses.
    request.body = bytes;
    return undefined;
  }
  const parsed = parseStrictJson(bytes.toString("utf8"));
  if ("fault" in parsed) return { code: "body-malformed", reason: parsed.fault };
  const errors = check?.(parsed.value) ?? NO_ERRORS;
  if (errors.length > 0) return { code: "body-invalid", reason: "schema", errors };
  request.body = bytes;
  return undefined;
}

/** Reads the body and settles with what `inspect` says of it: one promise, since every body waits for it. */
function readBody(
  raw: IncomingMessage,
  bytesMax: number,
  inspectBody: (bytes: ReadBody) => StepOutcome,
): Promise<StepOutcome> {
  return new Promise((resolve, reject) => {
    const settle = (bytes: ReadBody): void => {
      try {
        resolve(inspectBody(bytes));
      } catch (error) {
        // Called by a stream, to which an exception would be one of the process.
        reject(error as Error);
      }
    };
    if (raw.destroyed) return settle("aborted");
    if (Number(raw.headers["content-length"] ?? 0) > bytesMax) return settle("too-large");
    collect(raw, bytesMax, settle);
  });
}

function collect(raw: IncomingMessage, bytesMax: number, settle: (bytes: ReadBody) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  let isSettled = false;
  const settleOnce = (bytes: ReadBody): void => {
    if (isSettled) return;
    isSettled = true;
    settle(bytes);
  };
  raw.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length <= bytesMax) chunks.push(chunk);
    else {
      raw.pause();
      settleOnce("too-large");
    }
  });
  raw.on("end", () => settleOnce(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
  // A client that breaks off closes the message; Node emits no "error" where nobody listens for one.
  raw.on("close", () => settleOnce("aborted"));
}
