// A builder of the audit tree in a process of its own, so that it can be killed: builds in small batches until nobody lets it.
import { readFile, rename, writeFile } from "node:fs/promises";
import pg from "pg";
import type { AuditDatabase, KeptCheckpoint } from "../audit/audit-database.ts";
import { buildTree } from "../audit/build-tree.ts";
import { checkpointSigner } from "../audit/checkpoint.ts";

export interface TreeWork {
  readonly settings: pg.ClientConfig;
  readonly origin: string;
  readonly privateKeyPem: string;
  /** Where the newest checkpoint is kept. */
  readonly keptFile: string;
}

/** Written whole or not at all, as the vault does. */
export const keptInFile = (file: string): KeptCheckpoint => ({
  read: () => readFile(file, "utf8").catch(() => null), // None was kept yet.
  async write(note) {
    await writeFile(`${file}.new`, note);
    await rename(`${file}.new`, file);
  },
});

const BATCH = 7;

async function work({ settings, origin, privateKeyPem, keptFile }: TreeWork): Promise<void> {
  const client = new pg.Client(settings);
  await client.connect();
  await client.query("SET ROLE holdfast_platform");
  const query = client.query.bind(client) as AuditDatabase["query"];
  const database: AuditDatabase = {
    query,
    async transaction(steps) {
      await client.query("BEGIN");
      const result = await steps({ query });
      await client.query("COMMIT");
      return result;
    },
  };
  const signer = checkpointSigner(origin, privateKeyPem);
  console.log("begun");
  for (;;) {
    const { fault } = await buildTree({ database, signer, kept: keptInFile(keptFile), batch: BATCH });
    if (fault !== undefined) throw new Error(JSON.stringify(fault));
  }
}

const [given] = process.argv.slice(2);
if (given !== undefined && import.meta.main) await work(JSON.parse(given));
