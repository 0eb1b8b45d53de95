// The data keys of a project's vault: what `holdfast keys` shows of them, rotates, revokes and destroys.
import { dataClassOf, type ResealReport, resealColumn, usualPace } from "@holdfast/postgres";
import { sealedColumnsOf } from "@holdfast/server";
import type { KeyRecord, Vault } from "@holdfast/vault";
import { CliError } from "../cli-error.ts";
import { typed } from "../command-name.ts";
import { withAdministrator } from "../deployment/administrator-client.ts";
import { openVaultAt } from "../deployment/open-vault.ts";
import { loadProject } from "../project.ts";
import { count, type Terminal } from "../terminal.ts";
import { rowsPerSecond, sealedTable } from "./sealed-tables.ts";

/** As `--json` prints it. */
export interface DataKey {
  readonly id: string;
  readonly purpose: string;
  readonly data_class: string;
  readonly subject?: string;
  readonly version: number;
  readonly state: string;
  readonly made_at: string;
  readonly guarded_by: string;
}

const shown = ({ id, purpose, dataClass, subject, version, state, madeAt, guardedBy }: KeyRecord): DataKey => ({
  id,
  purpose,
  data_class: dataClass,
  ...(subject === undefined ? {} : { subject }),
  version,
  state,
  made_at: new Date(madeAt).toISOString(),
  guarded_by: guardedBy,
});

/** Opens the vault beside whatever runs; what is done there another process follows within seconds. */
export async function withVault<T>(dataDirectory: string, work: (vault: Vault) => Promise<T>): Promise<T> {
  const vault = await openVaultAt(dataDirectory);
  try {
    return await work(vault);
  } finally {
    await vault.close();
  }
}

export const dataKeys = (dataDirectory: string): Promise<readonly DataKey[]> =>
  withVault(dataDirectory, async ({ keyring }) => (await keyring.list()).map(shown));

const MINUTE_CHARACTERS = 16;

export function printDataKeys(terminal: Terminal, keys: readonly DataKey[]): void {
  terminal.line("Data keys");
  const groups = Map.groupBy(keys, ({ purpose, data_class: dataClass, subject, state, version }) =>
    subject === undefined ? `${purpose} ${dataClass} ${version}` : `${purpose} ${dataClass} ${state}`,
  );
  for (const [first, ...others] of groups.values()) {
    if (first === undefined) continue;
    const { purpose, data_class: dataClass, subject, state, version, made_at: madeAt, guarded_by: guardedBy } = first;
    const which = subject === undefined ? `version ${version}` : `of ${count(others.length + 1, "subject")}`;
    const place = `${purpose.padEnd(11)} ${dataClass.padEnd(24)} ${state.padEnd(12)}`;
    terminal.line(`  ${place} ${madeAt.slice(0, MINUTE_CHARACTERS).replace("T", " ")}  ${which}, by ${guardedBy}`);
  }
}

export interface Rotated extends ResealReport {
  readonly data_class: string;
  readonly keys: number;
}

/** Whether a word names keys of the vault: `public.notes.body`, or `vault` for its secrets. */
export const isDataClass = (keys: readonly DataKey[], word: string): boolean =>
  keys.some(({ data_class: dataClass }) => dataClass === word);

/** Another version of every key of the class, and everything sealed under it. Called again, it goes on with what is left. */
export async function rotateDataKeys(
  folder: string,
  dataClass: string,
  options: Readonly<Record<string, string | boolean | undefined>>,
  terminal: Terminal,
): Promise<Rotated> {
  const project = await loadProject(folder);
  const column = sealedColumnsOf(project.policy).find((each) => dataClassOf(each) === dataClass);
  if (column === undefined) return rotateOthers(project.dataDirectory, dataClass);
  return withAdministrator(project, terminal, async (client, vault) => {
    const keys = options["continue"] === true ? 0 : await rotateClass(vault, dataClass);
    const pace = usualPace({
      ...rowsPerSecond(options["rows-per-second"]),
      onProgress: ({ done, total }) =>
        terminal.progress(`Sealing ${dataClass} anew: ${done} of ${count(total, "row")}`),
    });
    const report = await resealColumn(sealedTable(project.policy, column, client, vault), pace);
    return { data_class: dataClass, keys, ...report };
  });
}

async function rotateClass({ keyring }: Vault, dataClass: string): Promise<number> {
  const active = (await keyring.list()).filter((key) => key.dataClass === dataClass && key.state === "active");
  const rotated = active.filter(({ purpose }) => purpose !== "blind-index");
  for (const { purpose, subject } of rotated)
    await keyring.rotate({ purpose, dataClass, ...(subject === undefined ? {} : { subject }) });
  return rotated.length;
}

/** Secrets are sealed anew with it; a key of backups seals those to come, and opens those there are. */
const rotateOthers = (dataDirectory: string, dataClass: string): Promise<Rotated> =>
  withVault(dataDirectory, async (vault) => {
    const isSecrets = (await vault.keyring.list()).some(
      (key) => key.dataClass === dataClass && key.purpose === "secrets",
    );
    if (isSecrets) await vault.resealSecrets();
    const keys = isSecrets ? 1 : await rotateClass(vault, dataClass);
    return { data_class: dataClass, keys, resealed: 0, refused: 0, left: 0 };
  });

/** The one key of that name. @throws CliError `cli/key-unclear` */
export function namedKey(keys: readonly DataKey[], named: string, charactersMin: number): DataKey | undefined {
  const found = keys.filter(({ id }) => named.length >= charactersMin && id.startsWith(named));
  const [key] = found;
  if (found.length <= 1) return key;
  throw new CliError(
    "cli/key-unclear",
    `${JSON.stringify(named)} was expected to name one key; it names ${found.length}`,
    `${typed("keys list --json")} shows their ids`,
  );
}

/** For each sealed column, how many values each version of its keys has sealed. */
export interface SealedStatus {
  readonly column: string;
  readonly sealed: boolean;
  readonly values: number;
  /** Sealed by a version that seals no more. */
  readonly older: number;
}

export async function sealedStatus(folder: string, terminal: Terminal): Promise<readonly SealedStatus[]> {
  const project = await loadProject(folder);
  const columns = sealedColumnsOf(project.policy);
  if (columns.length === 0) return [];
  return withAdministrator(project, terminal, async (client, { keyring }) => {
    const active = (await keyring.list())
      .filter(({ state }) => state === "active")
      .map(({ id }) => Buffer.from(id, "hex"));
    const statuses: SealedStatus[] = [];
    for (const column of columns) {
      const [schema, relation, name] = [column.schema, column.relation, column.name].map((part) =>
        client.escapeIdentifier(part),
      );
      const type = await client.query<{ type: string }>(
        "select t.typname as type from pg_attribute a join pg_type t on t.oid = a.atttypid where a.attrelid = $1::regclass and a.attname = $2",
        [`${schema}.${relation}`, column.name],
      );
      const sealed = type.rows[0]?.type === "sealed";
      const { rows } = await client.query<{ values: number; older: number }>(
        sealed
          ? `select count(${name})::float8 as values, (count(*) filter (where substr(${name}, 3, 20) <> all ($1::bytea[])))::float8 as older from ${schema}.${relation}`
          : `select count(${name})::float8 as values, 0::float8 as older from ${schema}.${relation} where $1::bytea[] is not null`,
        [active],
      );
      statuses.push({
        column: `${column.table}.${column.name}`,
        sealed,
        values: rows[0]?.values ?? 0,
        older: rows[0]?.older ?? 0,
      });
    }
    return statuses;
  });
}
