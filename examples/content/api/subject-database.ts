// The only door from the API to the database: every statement runs as the subject of the request, so that the database itself
// decides what that subject sees and changes.
import { asSubject, type DatabasePool, type ReadRouter, type Statement, type Transaction } from "@holdfast/postgres";
import type { FastifyRequest } from "fastify";
import { refusalOf } from "./refused-request.ts";

export interface SubjectDatabase {
  /** One statement in one round trip. Rejects with RefusedRequest when the database refuses. */
  query<Row extends object>(request: FastifyRequest, statement: Statement): Promise<readonly Row[]>;
  /** Several statements, all or none. */
  transaction<T>(request: FastifyRequest, work: (transaction: Transaction) => Promise<T>): Promise<T>;
}

/** A cookie with the place in the database's log that this browser has written up to: no replica shows it less. */
export const MARK_COOKIE = "read-after";
/** A position of the log with "-" for "/", which a cookie would have to encode. */
const MARK = /^[0-9A-F]{1,8}-[0-9A-F]{1,8}$/;
const MARK_SECONDS = 60;

/** The mark that a request brought, and the one that its answer takes along. */
const marks = new WeakMap<FastifyRequest, string>();
const markOf = (request: FastifyRequest): string | undefined => {
  const cookie = request.headers.cookie?.split("; ").find((pair) => pair.startsWith(`${MARK_COOKIE}=`));
  const mark = cookie?.slice(MARK_COOKIE.length + 1) ?? "";
  return MARK.test(mark) ? mark.replace("-", "/") : undefined;
};

/** The header that lets a browser bring its mark with the next request; undefined when the request wrote nothing. */
export function markCookie(request: FastifyRequest): string | undefined {
  const mark = marks.get(request);
  if (mark === undefined) return undefined;
  return `${MARK_COOKIE}=${mark.replace("/", "-")}; Path=/api; Max-Age=${MARK_SECONDS}; Secure; HttpOnly; SameSite=Strict`;
}

const READS = /^\s*select\b/i;

export function subjectDatabase(pool: DatabasePool, service: string, reads?: ReadRouter): SubjectDatabase {
  const noteWrite = async (request: FastifyRequest): Promise<void> => {
    if (reads === undefined) return;
    marks.set(request, await reads.mark(request.subject.id ?? undefined));
  };
  const about = (request: FastifyRequest) => ({
    service,
    requestId: request.requestId,
    address: request.address,
    ...(request.correlation === undefined ? {} : { correlation: request.correlation }),
    ...(request.routeOptions.url === undefined ? {} : { route: `${request.method} ${request.routeOptions.url}` }),
  });
  return {
    async query<Row extends object>(request: FastifyRequest, statement: Statement) {
      try {
        const isRead = READS.test(statement.text);
        const result =
          isRead && reads !== undefined
            ? await reads.read(request.claims, statement, about(request), markOf(request))
            : await asSubject(pool, request.claims, statement, about(request));
        if (!isRead) await noteWrite(request);
        return result.rows as unknown as readonly Row[];
      } catch (error) {
        throw refusalOf(error);
      }
    },
    async transaction(request, work) {
      try {
        const result = await asSubject(pool, request.claims, work, about(request));
        await noteWrite(request);
        return result;
      } catch (error) {
        throw refusalOf(error);
      }
    },
  };
}

/** The account that asks. The policy lets nobody without one reach a route of this API, and neither does this. */
export function subjectIdOf(request: FastifyRequest): string {
  const { id } = request.subject;
  if (id === null) throw new Error("a request without a subject reached a route that needs one");
  return id;
}
