// The only door from the API to the database: every statement runs as the subject of the request, so that the database itself
// decides what that subject sees and changes.
import { asSubject, type DatabasePool, type Statement, type Transaction } from "@holdfast/postgres";
import type { FastifyRequest } from "fastify";
import { refusalOf } from "./refused-request.ts";

export interface SubjectDatabase {
  /** One statement in one round trip. Rejects with RefusedRequest when the database refuses. */
  query<Row extends object>(request: FastifyRequest, statement: Statement): Promise<readonly Row[]>;
  /** Several statements, all or none. */
  transaction<T>(request: FastifyRequest, work: (transaction: Transaction) => Promise<T>): Promise<T>;
}

export function subjectDatabase(pool: DatabasePool, service: string): SubjectDatabase {
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
        const result = await asSubject(pool, request.claims, statement, about(request));
        return result.rows as unknown as readonly Row[];
      } catch (error) {
        throw refusalOf(error);
      }
    },
    async transaction(request, work) {
      try {
        return await asSubject(pool, request.claims, work, about(request));
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
