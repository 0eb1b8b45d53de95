// The shape of a platform route, and what every handler works with.
import type { Administration, Inbox } from "@holdfast/identity";
import type { Control, EmitEvent, Policy } from "@holdfast/policy";
import type { DatabasePool } from "@holdfast/postgres";
import type { Keyring } from "@holdfast/vault";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { AlertLog } from "../alerts/alert-log.ts";
import type { Audit } from "../audit/audit.ts";
import type { Backups } from "../backups/backups.ts";
import type { EventLog } from "../events/event-log.ts";
import type { EvidenceLog } from "../evidence/evidence-log.ts";
import type { IncidentLog } from "../incidents/incident-log.ts";
import type { Person, Response } from "../incidents/response.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { PerformanceMonitor } from "../performance/performance-monitor.ts";
import type { Replicas } from "../replicas/replicas.ts";
import type { Database } from "../store/database.ts";
import { ApiProblem } from "./api-problem.ts";
import type { ProofRunner } from "./proof-runner.ts";
import type { Health } from "./shapes.ts";
import type { StreamHub } from "./stream-hub.ts";

/** What was mailed, where a deployment keeps it instead of sending it; null where it sends mail. */
export type InboxReader = Pick<Inbox, "messages"> | null;

export interface ApiContext {
  readonly policy: Policy;
  readonly policyHash: string;
  readonly controls: readonly Control[];
  readonly database: Database;
  readonly events: EventLog;
  readonly evidence: EvidenceLog;
  readonly alerts: AlertLog;
  readonly incidents: IncidentLog;
  readonly response: Response;
  readonly proofs: ProofRunner;
  readonly streams: StreamHub;
  readonly metrics: Metrics;
  readonly inbox: InboxReader;
  readonly keyring: Pick<Keyring, "list">;
  readonly backups: Backups;
  readonly replicas: Pick<Replicas, "status">;
  readonly pools: Readonly<Record<string, Pick<DatabasePool, "metrics">>>;
  readonly audit: Audit;
  readonly performance: Pick<PerformanceMonitor, "report">;
  /** What an administrator does with other people's accounts. */
  readonly administration: Administration;
  readonly emit: EmitEvent;
  /** Resolves when everything that has happened is recorded and judged, or cannot be now: whoever asks finds what they caused. */
  readonly settled: () => Promise<void>;
  readonly health: () => Health;
  readonly now: () => number;
}

export interface ApiRoute {
  /** As the policy names it: `"GET /platform/v1/summary"`. */
  readonly id: string;
  /** What it returns is sent as JSON; undefined when it has answered itself. */
  readonly handle: (context: ApiContext, request: FastifyRequest, reply: FastifyReply) => unknown;
}

/** The person behind the request; a program cannot take responsibility. */
export function personOf(request: FastifyRequest): Person {
  const { subject, claims } = request;
  if (subject.kind !== "person" || subject.id === null) throw new ApiProblem("platform/person-required");
  return { id: subject.id, email: typeof claims?.email === "string" ? claims.email : null };
}

export function parameter(request: FastifyRequest, name: string): string {
  const value = (request.params as Readonly<Record<string, string>>)[name] ?? "";
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(value)) throw new ApiProblem("platform/not-found");
  return value;
}
