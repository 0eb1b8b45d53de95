// One request on its way through the steps: what is known about it so far, and the one door through which it is answered.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Subject } from "@holdfast/policy";
import { anonymous, subjectFacts } from "@holdfast/policy";
import { answerBare } from "./bare-answer.ts";
import type { ClientAddress } from "./client-address.ts";
import { clientAddress } from "./client-address.ts";
import { type Connection, occupy } from "./connection.ts";
import { drawNonce } from "./nonce.ts";
import type { ProblemCode, Refusal } from "./problem.ts";
import { problemBody, problems } from "./problem.ts";
import { asksForPage, problemPage } from "./problem-page.ts";
import type { Allowance } from "./rate-limit.ts";
import type { ResponseClass } from "./response-headers.ts";
import type { GatewayRoute } from "./route.ts";
import type { GatewayRuntime } from "./runtime.ts";
import type { TokenReason } from "./token-verifier.ts";

/** What happens around every answer. Chosen once, at boot. */
export interface AnswerHooks {
  /** Runs the `when: "answer"` steps; called before the status is written. */
  readonly before: (request: GatewayRequest) => void;
  /** Told when an answer is complete. */
  readonly after: ((request: GatewayRequest, status: number) => void) | undefined;
}

const CORRELATION = /^[A-Za-z0-9._-]{1,64}$/;
const ABSOLUTE_FORM = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

export class GatewayRequest {
  readonly gateway: GatewayRuntime;
  readonly #hooks: AnswerHooks;
  readonly raw: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: GatewayRoute;
  /** Our id, a UUID; the answer's x-request-id. */
  readonly id: string;
  /** The caller's own id, when it is well-formed. */
  readonly correlation: string | undefined;
  readonly connection: Connection;
  readonly address: ClientAddress;
  /** Milliseconds since 1970, read once so that all steps mean the same moment. */
  readonly now: number;
  /** The monotonic clock, milliseconds, when somebody observes; else 0. */
  readonly startedAt: number;
  /** Path and query in origin form. */
  readonly target: string;

  /** How the caller presented a token. */
  credential: "none" | "bearer" | "cookie" = "none";
  subject: Subject = anonymous;
  /** The verified token, to be passed on. */
  token: string | null = null;
  /** Why a cookie's token was set aside. */
  tokenReason: TokenReason | null = null;
  /** The tightest limit that was charged. */
  allowance: Allowance | null = null;
  /** The body as read and checked; null while unread, or when there is none. */
  body: Buffer | null = null;
  /** Header fields for the service, flat pairs. */
  upstreamHeaders: readonly string[] = [];
  /** The nonce of a page. */
  nonce: string | null = null;

  /** The header fields of the answer, flat pairs; written by `when: "answer"` steps and by who answers. */
  answerHeaders: string[] = [];
  answerClass: ResponseClass = "error";
  isAnswered = false;
  isBodyRead = false;

  constructor(
    gateway: GatewayRuntime,
    hooks: AnswerHooks,
    raw: IncomingMessage,
    response: ServerResponse,
    id: string,
    route: GatewayRoute,
  ) {
    this.gateway = gateway;
    this.#hooks = hooks;
    this.raw = raw;
    this.response = response;
    this.id = id;
    this.route = route;
    const correlation = raw.headers["x-correlation-id"];
    this.correlation = typeof correlation === "string" && CORRELATION.test(correlation) ? correlation : undefined;
    this.address = clientAddress(raw.socket);
    this.connection = occupy(raw.socket, response);
    this.now = gateway.now();
    this.startedAt = hooks.after === undefined ? 0 : performance.now();
    const url = raw.url ?? "/";
    this.target = url.charCodeAt(0) === 47 ? url : url.replace(ABSOLUTE_FORM, "") || "/";
  }

  /** `"METHOD /pattern"` where a route was matched. */
  get routeId(): string | undefined {
    return this.route.kind === "unknown" || this.route.kind === "method" ? undefined : this.route.id;
  }

  get hasBody(): boolean {
    const length = this.raw.headers["content-length"];
    return this.raw.headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
  }

  /** Writes the status and the header fields. Every answer of a matched or unmatched request begins here. */
  begin(status: number, answerClass: ResponseClass, headers: string[]): void {
    this.answerClass = answerClass;
    this.answerHeaders = headers;
    // The rest of a body that nobody will read must not be taken for the next request.
    const leavesBody = status >= 400 && !this.isBodyRead && this.hasBody;
    if (leavesBody || this.connection.requests >= this.gateway.requestsPerConnectionMax) {
      headers.push("connection", "close");
      this.connection.isClosing = true;
    }
    this.#hooks.before(this);
    this.response.writeHead(status, this.answerHeaders);
    this.isAnswered = true;
  }

  /** Answers completely. */
  answer(status: number, answerClass: ResponseClass, headers: string[], body: string | Buffer | null): void {
    if (this.isAnswered) return;
    if (body !== null) headers.push("content-length", String(Buffer.byteLength(body)));
    this.begin(status, answerClass, headers);
    if (body === null || this.raw.method === "HEAD") this.response.end();
    else this.response.end(body);
    this.finish(status);
  }

  /** Answers with a problem (or, for a page, a redirection) and records the refusal. Never throws. */
  refuse(refusal: Refusal): void {
    if (this.isAnswered) return;
    try {
      this.#refuse(refusal);
    } catch {
      // What every refusal needs is broken: the events, the header fields or the observer. A caller is told nothing of it.
      this.fail();
    }
  }

  /** The end of a request in which something broke. Never throws. */
  fail(): void {
    answerBare(this.response, this.id, this.gateway.headers);
  }

  #refuse(refusal: Refusal): void {
    const kind = problems[refusal.code];
    this.record(refusal.code, refusal.reason, refusal.redirect === undefined ? kind.status : 303);
    if (refusal.redirect !== undefined) return this.answer(303, "html", ["location", refusal.redirect], null);
    if (asksForPage(this.raw.headers.accept)) {
      this.nonce = drawNonce();
      const headers = ["content-type", "text/html; charset=utf-8", ...(refusal.headers ?? [])];
      const page = problemPage(refusal, this.id, this.nonce, this.gateway.policy);
      return this.answer(kind.status, "html", headers, page);
    }
    const headers = ["content-type", "application/problem+json", ...(refusal.headers ?? [])];
    this.answer(kind.status, "error", headers, problemBody(refusal, this.id));
  }

  /** Emits the event of a refusal. */
  record(code: ProblemCode, reason: string, status?: number): void {
    const { subject, route, correlation, routeId } = this;
    this.gateway.emit({
      name: problems[code].event,
      at: this.now,
      requestId: this.id,
      address: this.address.text,
      reason,
      detail: { code, ...(status === undefined ? {} : { status }), port: this.address.port },
      ...(correlation === undefined ? {} : { correlation }),
      ...subjectFacts(subject),
      ...(routeId === undefined ? {} : { route: routeId }),
      ...(route.kind === "service" ? { service: route.service } : {}),
    });
  }

  /** Tells the observer that the answer is complete. */
  finish(status: number): void {
    this.#hooks.after?.(this, status);
  }
}
