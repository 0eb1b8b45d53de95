// A process of its own that seals a column, or rotates its keys and seals anew, so that a test can kill it at any moment.
import { openVault } from "@holdfast/vault";
import pg from "pg";
import { resealColumn } from "../sealed/reseal.ts";
import { sealColumn } from "../sealed/seal-column.ts";
import type { SealedColumn } from "../sealed/sealed-column.ts";
import { usualPace } from "../sealed/work-pace.ts";

export interface SealWork {
  readonly kind: "seal" | "rotate" | "reseal";
  readonly settings: pg.ClientConfig;
  readonly directory: string;
  readonly column: SealedColumn;
  readonly subject: string;
  readonly grants: readonly string[];
}

const BATCH_ROWS = 10;
const work = JSON.parse(process.argv[2] ?? "null") as SealWork | null;
if (work !== null) {
  const vault = await openVault({ directory: work.directory });
  const client = new pg.Client(work.settings);
  await client.connect();
  const { column } = work;
  const table = { client, keyring: vault.keyring, tenant: "us", column, subjectColumn: "owner_id" };
  const pace = usualPace({ batchRows: BATCH_ROWS, rowsPerSecondMax: Number.MAX_SAFE_INTEGER });
  process.stdout.write("begun\n");
  if (work.kind === "rotate") {
    const dataClass = `${column.schema}.${column.relation}.${column.name}`;
    await vault.keyring.rotate({ purpose: "field", dataClass, subject: work.subject });
  }
  if (work.kind === "seal") await sealColumn(table, { pace, grants: work.grants, rewrites: false });
  else await resealColumn(table, pace);
  await client.end();
  await vault.close();
  process.stdout.write("done\n");
}
