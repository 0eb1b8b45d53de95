// How long requests waited for a database connection, as a Prometheus histogram over counts that the pools keep themselves.
import { WAIT_BOUNDARIES_MS, type WaitTimes } from "@holdfast/postgres";
import { Histogram } from "prom-client";

const NAME = "holdfast_pool_wait_seconds";
const HELP = "Time that requests waited for a database connection.";
const SECOND_MS = 1_000;
const BOUNDARIES_S = WAIT_BOUNDARIES_MS.map((boundary) => boundary / SECOND_MS);

type Pools = () => Readonly<Record<string, { readonly waitTimes: WaitTimes }>>;

export class PoolWaits extends Histogram {
  readonly #pools: Pools;

  constructor(pools: Pools) {
    super({ name: NAME, help: HELP, labelNames: ["pool"], buckets: BOUNDARIES_S, registers: [] });
    this.#pools = pools;
  }

  override async get(): ReturnType<Histogram["get"]> {
    const values = Object.entries(this.#pools()).flatMap(([pool, { waitTimes }]) => [
      ...BOUNDARIES_S.map((le, index) => bucket(pool, le, waitTimes.atMost[index] ?? 0)),
      bucket(pool, "+Inf", waitTimes.count),
      { metricName: `${NAME}_sum`, labels: { pool }, value: waitTimes.sumMs / SECOND_MS },
      { metricName: `${NAME}_count`, labels: { pool }, value: waitTimes.count },
    ]);
    return { ...(await super.get()), values } as Awaited<ReturnType<Histogram["get"]>>;
  }
}

const bucket = (pool: string, le: number | string, value: number) => ({
  metricName: `${NAME}_bucket`,
  labels: { le, pool },
  value,
});
