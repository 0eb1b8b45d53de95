// A running deployment as the checks see it: an address, a key, and what an attacker inside the network could reach.
import { createHash } from "node:crypto";
import { canonicalJson, type Policy } from "@holdfast/policy";
import { asSubject, type DatabasePool } from "@holdfast/postgres";
import type { RunAsSubject, Target } from "@holdfast/probes";
import type { Ground } from "../deployment/ground.ts";
import { databaseListener } from "./database-listener.ts";

export interface TargetParts {
  readonly ground: Ground;
  /** The policy the checks judge by. */
  readonly policy: Policy;
  readonly database: string;
  readonly port: number;
  readonly authorityPem: string;
  readonly serviceKey: string;
  readonly operatorKey: () => Promise<string>;
  readonly upstreams: readonly { readonly service: string; readonly port: number }[];
  /** The application's own pool, or one like it. */
  readonly pool: DatabasePool;
  readonly clock?: Target["clock"];
  readonly practiceProvider?: Target["practiceProvider"];
  readonly practiceBreaches?: Target["practiceBreaches"];
}

const LOOPBACK = "127.0.0.1";

export async function targetOf(parts: TargetParts): Promise<Target> {
  const { ground, policy, database } = parts;
  const password = await ground.secret("postgres-password-holdfast_api");
  return {
    origin: policy.application.origin,
    address: { host: LOOPBACK, port: parts.port },
    authorityPem: parts.authorityPem,
    serviceKey: parts.serviceKey,
    operatorKey: parts.operatorKey,
    policy,
    policyHash: createHash("sha256").update(canonicalJson(policy)).digest("hex"),
    database: {
      apiConnection: ground.cluster.settings(database, { user: "holdfast_api", password }),
      asSubject: asSubjectOf(parts.pool),
      administrator: ground.cluster.settings(database),
      ...databaseListener(ground),
    },
    upstreams: parts.upstreams.map(({ service, port }) => ({ service, host: LOOPBACK, port })),
    ...(parts.clock === undefined ? {} : { clock: parts.clock }),
    ...(parts.practiceProvider === undefined ? {} : { practiceProvider: parts.practiceProvider }),
    ...(parts.practiceBreaches === undefined ? {} : { practiceBreaches: parts.practiceBreaches }),
  };
}

function asSubjectOf(pool: DatabasePool): RunAsSubject {
  return async (claims, text, values) => {
    const { rows, rowCount } = await asSubject(pool, claims, { text, values: [...values] });
    return { rows, rowCount };
  };
}
