// A running deployment as the checks see it: an address, a key, and what an attacker inside the network could reach.
import { createHash } from "node:crypto";
import { canonicalJson, type Policy } from "@holdfast/policy";
import { asSubject, type DatabasePool, type PoolOptions, passwordName } from "@holdfast/postgres";
import type { NarrowPool, RunAsSubject, Target, TargetReplica } from "@holdfast/probes";
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
  /** Opens another one. */
  readonly openPool: (options: PoolOptions) => DatabasePool;
  /** Opens a replica: only a proving ground does. */
  readonly openReplica?: () => Promise<TargetReplica>;
  readonly clock?: Target["clock"];
  readonly practiceProvider?: Target["practiceProvider"];
  readonly practiceBreaches?: Target["practiceBreaches"];
  readonly outputs?: Target["outputs"];
}

const LOOPBACK = "127.0.0.1";

export async function targetOf(parts: TargetParts): Promise<Target> {
  const { ground, policy, database } = parts;
  const name = passwordName("holdfast_api");
  const password = await ground.secret(name);
  return {
    origin: policy.application.origin,
    address: { host: LOOPBACK, port: parts.port },
    authorityPem: parts.authorityPem,
    serviceKey: parts.serviceKey,
    operatorKey: parts.operatorKey,
    policy,
    policyHash: createHash("sha256").update(canonicalJson(policy)).digest("hex"),
    database: {
      // Asked at each connection: it may have been rotated since.
      apiConnection: ground.cluster.settings(database, {
        user: "holdfast_api",
        password: async () => (await ground.vault.latestSecret(name)) ?? password,
      }),
      asSubject: asSubjectOf(parts.pool),
      administrator: ground.cluster.settings(database),
      ...databaseListener(ground),
      ...(parts.openReplica === undefined ? {} : { replica: parts.openReplica }),
      narrowPool: () => narrowPool(parts.openPool),
    },
    upstreams: parts.upstreams.map(({ service, port }) => ({ service, host: LOOPBACK, port })),
    ...(parts.clock === undefined ? {} : { clock: parts.clock }),
    ...(parts.practiceProvider === undefined ? {} : { practiceProvider: parts.practiceProvider }),
    ...(parts.outputs === undefined ? {} : { outputs: parts.outputs }),
    ...(parts.practiceBreaches === undefined ? {} : { practiceBreaches: parts.practiceBreaches }),
  };
}

/** So small that a dozen requests fill it. */
const NARROW = { connectionsMax: 2, queueMax: 4, queueTimeoutMs: 5_000 };

function narrowPool(open: TargetParts["openPool"]): NarrowPool {
  const pool = open(NARROW);
  return { ...NARROW, run: asSubjectOf(pool), close: () => pool.end() };
}

function asSubjectOf(pool: DatabasePool): RunAsSubject {
  return async (claims, text, values) => {
    const { rows, rowCount } = await asSubject(pool, claims, { text, values: [...values] });
    return { rows, rowCount };
  };
}
