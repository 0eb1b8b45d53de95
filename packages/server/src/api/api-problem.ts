// The refusals of the platform API as problems (RFC 9457). One table: code, status, title and hint.
import type { IdentityError } from "@holdfast/identity";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Problem } from "./shapes.ts";

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly hint: string;
}

export const apiProblems = {
  "platform/not-signed-in": {
    status: 401,
    title: "Not signed in",
    hint: "Sign in, or send the service key.",
  },
  "platform/second-factor-required": {
    status: 403,
    title: "Second factor required",
    hint: "Sign in with your second factor.",
  },
  "platform/not-allowed": { status: 403, title: "Not allowed", hint: "Ask an administrator." },
  "platform/person-required": {
    status: 403,
    title: "A person is required",
    hint: "Only a person can take responsibility: sign in as an administrator.",
  },
  "platform/input-invalid": { status: 400, title: "Invalid input", hint: "Correct what is named in the detail." },
  "platform/not-found": { status: 404, title: "Not found", hint: "List what there is first." },
  "platform/already-acknowledged": {
    status: 409,
    title: "Already acknowledged",
    hint: "Read who did it and when.",
  },
  "platform/already-closed": { status: 409, title: "Already closed", hint: "A new occurrence opens a new one." },
  "platform/proof-running": {
    status: 409,
    title: "A proof is already running",
    hint: "One run at a time: wait until it has finished.",
  },
  "platform/proof-unavailable": {
    status: 501,
    title: "Nothing can attack from here",
    hint: "Run `holdfast prove --target` against this deployment, or start it with `holdfast up`.",
  },
  "platform/nothing-to-prove": {
    status: 409,
    title: "The control has no check yet",
    hint: "It stays unproven until a check exists.",
  },
  "platform/people-elsewhere": {
    status: 501,
    title: "The accounts live elsewhere",
    hint: "Administer people in the hosted project that `identity.hosted` names.",
  },
  "platform/backup-unavailable": {
    status: 409,
    title: "No backup can be made now",
    hint: "One job at a time; and the policy must ask for backups that this deployment can make.",
  },
  "platform/evidence-refused": {
    status: 422,
    title: "The evidence does not count",
    hint: "Send holdfast-restore.note as holdfast restore left it in the folder that was put in place.",
  },
  "platform/restore-refused": {
    status: 409,
    title: "There is no restore to accept",
    hint: "Run `holdfast audit verify`: it says what is wrong with the log, if anything is.",
  },
  "platform/streams-full": {
    status: 503,
    title: "Too many open streams",
    hint: "Close a console, or try again later.",
  },
  "platform/database-away": {
    status: 503,
    title: "The database is away",
    hint: "Try again soon; events are kept meanwhile.",
  },
  "platform/overloaded": {
    status: 503,
    title: "Too many requests wait for the database",
    hint: "Try again after the time that Retry-After names.",
  },
  "evidence/invalid": { status: 400, title: "Invalid evidence", hint: "Correct what is named in the detail." },
  "evidence/unknown-check": {
    status: 422,
    title: "Unknown check",
    hint: "Report only checks that a control of the catalogue asks for.",
  },
  "evidence/from-the-future": {
    status: 422,
    title: "Evidence from the future",
    hint: "Correct the clock of the machine that attacks.",
  },
} as const satisfies Record<string, ProblemKind>;

export type ApiProblemCode = keyof typeof apiProblems;

/** Thrown by a handler; answered as a problem. */
export class ApiProblem extends Error {
  readonly code: ApiProblemCode;

  constructor(code: ApiProblemCode, detail?: string, cause?: unknown) {
    super(detail ?? apiProblems[code].title, { cause });
    this.name = "ApiProblem";
    this.code = code;
  }
}

/** What identity refuses keeps its own code and its own words. */
export function sendIdentityProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: IdentityError,
): FastifyReply {
  const { status, message } = refusal;
  return send(request, reply, { status, code: `identity/${refusal.code}`, title: message, detail: message });
}

const TYPE_PREFIX = "urn:holdfast:problem:";

export function sendApiProblem(request: FastifyRequest, reply: FastifyReply, problem: ApiProblem): FastifyReply {
  const { status, title, hint } = apiProblems[problem.code];
  return send(request, reply, { status, code: problem.code, title, detail: problem.message, hint });
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  problem: Omit<Problem, "type" | "requestId">,
): FastifyReply {
  const body: Problem = {
    type: `${TYPE_PREFIX}${problem.code}`,
    ...problem,
    ...(request.requestId === "" ? {} : { requestId: request.requestId }),
  };
  // Serialised here: Fastify would add a charset to a type that has none.
  return reply.code(problem.status).header("content-type", "application/problem+json").send(JSON.stringify(body));
}
