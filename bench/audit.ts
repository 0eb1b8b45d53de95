// What the audit costs a writer: one row as a subject into a table with the audit trigger and into one without, eight connections,
// every commit on the disk. Rounds are interleaved and begin with the one and the other in turn, so that what else the machine does
// meets both; the figure is the median of their ratios.
import { asSubject } from "@holdfast/postgres";
import { startTestCluster, testDatabaseAt } from "@holdfast/postgres/testing";

export const name = "audited write, beside the plain write";

const CONNECTIONS = 8;
const ROUNDS = 40;
const WRITES = 200;
const GOAL = 1.3;
const SUBJECT = "aaaaaaaa-0000-4000-8000-000000000001";
const CLAIMS = { sub: SUBJECT, role: "authenticated", aal: "aal1", app_metadata: { roles: [] } };

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;

const tableText = (table: string): string => `
  CREATE TABLE public.${table} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, title text, body text);
  ALTER TABLE public.${table} OWNER TO holdfast_owner;
  ALTER TABLE public.${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
  GRANT SELECT, INSERT ON public.${table} TO authenticated;
  CREATE POLICY own ON public.${table} TO authenticated USING (owner_id = (SELECT holdfast.subject_id()))`;

export async function run(report: (line: string) => void) {
  const cluster = await startTestCluster({ fsync: "on", synchronous_commit: "on", full_page_writes: "on" });
  const database = await testDatabaseAt(cluster.address);
  try {
    const administrator = await database.administrator();
    for (const table of ["plain", "audited"]) await administrator.query(tableText(table));
    await administrator.query(
      "CREATE TRIGGER holdfast_audit AFTER INSERT OR UPDATE OR DELETE ON public.audited FOR EACH ROW EXECUTE FUNCTION holdfast.audit_row('id')",
    );
    const pool = database.pool("holdfast_api", { connectionsMax: CONNECTIONS });
    const write = async (table: string): Promise<number> => {
      const text = `INSERT INTO public.${table} (owner_id, title, body) VALUES ($1, 'title', repeat('x', 500))`;
      const since = performance.now();
      let left = WRITES;
      const writer = async (): Promise<void> => {
        for (; left > 0; left -= 1) await asSubject(pool, CLAIMS, { text, values: [SUBJECT] });
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, writer));
      return (performance.now() - since) / WRITES;
    };
    await write("plain");
    await write("audited");
    const rounds: { plain: number; audited: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const isFirst = round % 2 === 0;
      const before = isFirst ? await write("plain") : undefined;
      const audited = await write("audited");
      rounds.push({ plain: before ?? (await write("plain")), audited });
    }
    const value = median(rounds.map(({ plain, audited }) => audited / plain));
    report(
      `plain ${median(rounds.map(({ plain }) => plain)).toFixed(3)} ms, audited ${median(rounds.map(({ audited }) => audited)).toFixed(3)} ms a row`,
    );
    return [{ figure: "audited ÷ plain write", value, goal: `≤ ${GOAL}`, met: value <= GOAL }];
  } finally {
    await database.drop();
    await cluster.stop();
  }
}
