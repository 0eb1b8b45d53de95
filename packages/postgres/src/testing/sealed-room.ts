// What tests of sealed columns start: a vault, a database, and the diary whose one column is sealed.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openVault, type Vault } from "@holdfast/vault";
import type pg from "pg";
import type { SealedColumn } from "../sealed/sealed-column.ts";
import { Sealing } from "../sealed/sealing.ts";
import { testDatabase } from "./injected-cluster.ts";
import type { TestDatabase } from "./test-database.ts";

/** The table `diary`, as plain as a policy finds it: each test makes it. */
export const diary = {
  column: {
    table: "diary",
    schema: "public",
    relation: "diary",
    primaryKey: "id",
    hasTextKey: false,
    name: "text",
    type: "text",
    blindIndex: false,
    hasSubject: true,
  } satisfies SealedColumn as SealedColumn,
  person: { sub: "11111111-1111-4111-8111-111111111111", role: "authenticated" },
  grants: ["grant select, insert, update on diary to authenticated"],
} as const;

export interface SealedRoom {
  readonly vault: Vault;
  /** Where the vault lies, for a process that opens it too. */
  readonly vaultDirectory: string;
  readonly database: TestDatabase;
  readonly administrator: pg.Client;
  /** Seals these columns for a tenant; `us` unless another is named. */
  sealing(columns: readonly SealedColumn[], tenant?: string): Sealing;
  close(): Promise<void>;
}

export async function openSealedRoom(): Promise<SealedRoom> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-sealed-"));
  const vaultDirectory = join(folder, "vault");
  const vault = await openVault({ directory: vaultDirectory });
  const database = await testDatabase();
  const administrator = await database.administrator();
  return {
    vault,
    vaultDirectory,
    database,
    administrator,
    sealing: (columns, tenant = "us") =>
      new Sealing({
        keyring: vault.keyring,
        tenant,
        columns,
        catalog: ({ text, values = [] }) => administrator.query(text, [...values]),
      }),
    async close() {
      await database.drop();
      await vault.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
