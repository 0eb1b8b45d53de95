// `holdfast inspect` over ten thousand tables with policies: how long it takes, and how much memory it needs for them.
import pg from "pg";
import { inspectDatabase } from "../packages/postgres/src/index.ts";
import { startTestCluster } from "../packages/postgres/src/testing.ts";
import type { Figure } from "./main.ts";

export const name = "inspect: 10,000 tables, each with a policy and an index";

const TABLES = 10_000;
const TABLES_AT_ONCE = 500;
const SECONDS_MAX = 30;
const MEGABYTES_MAX = 256;
const SAMPLE_MS = 20;
const MEGABYTE = 1024 * 1024;

export async function run(report: (line: string) => void): Promise<readonly Figure[]> {
  const cluster = await startTestCluster({ max_locks_per_transaction: "256" });
  const { host, port, password } = cluster.address;
  const client = new pg.Client({ host, port, password, user: "holdfast_administrator", database: "postgres" });
  try {
    await client.connect();
    await client.query("CREATE ROLE anon NOLOGIN; CREATE ROLE authenticated NOLOGIN");
    for (let from = 0; from < TABLES; from += TABLES_AT_ONCE) await client.query(tables(from));
    report(`${TABLES} tables made`);
    const before = process.memoryUsage().rss;
    let peak = before;
    const sampling = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, SAMPLE_MS);
    const started = performance.now();
    const inspection = await inspectDatabase(client, { attacks: "reads" });
    const seconds = (performance.now() - started) / 1_000;
    clearInterval(sampling);
    const megabytes = (peak - before) / MEGABYTE;
    report(
      `${inspection.looked.relations} relations, ${inspection.looked.policies} policies, ${inspection.looked.rules} rules; ` +
        `${inspection.findings.length} findings kept, ${Object.values(inspection.more).reduce((sum, each) => sum + each, 0)} counted; ${inspection.unseen.length} not seen`,
    );
    return [
      {
        figure: "seconds, attacks included",
        value: seconds,
        goal: `< ${SECONDS_MAX}`,
        met: seconds < SECONDS_MAX && inspection.unseen.length === 0,
      },
      {
        figure: "megabytes of memory beside what there was",
        value: megabytes,
        goal: `< ${MEGABYTES_MAX}`,
        met: megabytes < MEGABYTES_MAX,
      },
    ];
  } finally {
    await client.end();
    await cluster.stop();
  }
}

/** Every second one without an index for its policy, every third without row level security. */
const tables = (from: number): string =>
  `DO $$BEGIN FOR n IN ${from}..${from + TABLES_AT_ONCE - 1} LOOP
  EXECUTE format('CREATE TABLE public.t%s (id uuid PRIMARY KEY, owner_id uuid, title text); GRANT SELECT ON public.t%s TO authenticated;
    CREATE POLICY own ON public.t%s FOR SELECT TO authenticated USING (owner_id = (SELECT nullif(current_setting(''app.id'', true), '''')::uuid))', n, n, n);
  IF n %% 2 = 0 THEN EXECUTE format('CREATE INDEX ON public.t%s (owner_id)', n); END IF;
  IF n %% 3 > 0 THEN EXECUTE format('ALTER TABLE public.t%s ENABLE ROW LEVEL SECURITY', n); END IF;
END LOOP; END$$`.replaceAll("%%", "%");
