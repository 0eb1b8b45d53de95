// The sealed columns of a project as the database layer works on them.
import type { Policy } from "@holdfast/policy";
import type { SealedColumn, SealedTable } from "@holdfast/postgres";
import { sealedColumnsOf } from "@holdfast/server";
import type { Vault } from "@holdfast/vault";
import type { Client } from "pg";
import { CliError } from "../cli-error.ts";

export function sealedTable(policy: Policy, column: SealedColumn, client: Client, vault: Vault): SealedTable {
  const sealed = policy.tables[column.table]?.columns[column.name]?.sealed;
  const tenant = policy.application.name;
  return { client, keyring: vault.keyring, tenant, column, subjectColumn: sealed?.subject ?? null };
}

/** @throws CliError `cli/column-unclear` when the policy seals no column of that name */
export function sealedColumn(policy: Policy, path: string): SealedColumn {
  const columns = sealedColumnsOf(policy);
  const found = columns.find(({ table, name }) => `${table}.${name}` === path);
  if (found !== undefined) return found;
  const sealed = columns.map(({ table, name }) => `${table}.${name}`).join(", ");
  throw new CliError(
    "cli/column-unclear",
    `${JSON.stringify(path)} was expected to be a column that the policy seals; those are: ${sealed || "none"}`,
    "write `sealed: true` at the column in security.ts first",
  );
}

/** The number of an option. @throws CliError `cli/unknown-option` */
export function rowsPerSecond(option: string | boolean | undefined): { readonly rowsPerSecondMax?: number } {
  if (option === undefined) return {};
  const rows = Number(option);
  if (Number.isInteger(rows) && rows > 0) return { rowsPerSecondMax: rows };
  throw new CliError(
    "cli/unknown-option",
    `--rows-per-second was expected to be a whole number above 0; it is ${JSON.stringify(option)}`,
    "for example --rows-per-second 500",
  );
}
