// Opens sealed values in a restored copy with the deployment's own keyring: a backup whose keys are gone is half a backup, and what
// was shredded must stay so.
import type { Policy } from "@holdfast/policy";
import type { DrillStep } from "@holdfast/server";
import { VaultError } from "@holdfast/vault";
import type pg from "pg";
import type { Inspection } from "./inspection.ts";

const VALUES_MAX = 50;

export async function openSealedValues(client: pg.Client, { policy, vault }: Inspection): Promise<DrillStep> {
  let opened = 0;
  let destroyed = 0;
  for (const { schema, table, primaryKey, column } of sealedPlaces(policy)) {
    const { rows } = await client.query<{ key: string; value: Buffer | string }>(
      `select "${primaryKey}"::text as key, "${column}" as value from "${schema}"."${table}" where "${column}" is not null limit ${VALUES_MAX}`,
    );
    for (const { key, value } of rows) {
      if (!Buffer.isBuffer(value)) continue; // Not sealed yet: `holdfast seal` is under way.
      const context = { tenant: policy.application.name, schema, table, column, row: key.toLowerCase() };
      try {
        await vault.keyring.open(context, value);
        opened += 1;
      } catch (error) {
        if (!(error instanceof VaultError)) throw error;
        if (error.code !== "vault/key-destroyed")
          return {
            name: "sealed",
            result: "broken",
            seen: `A value of ${table}.${column} does not open (${error.code}).`,
          };
        destroyed += 1; // Shredded: that it does not come back is what was promised.
      }
    }
  }
  if (opened + destroyed === 0)
    return { name: "sealed", result: "unproven", seen: "There is no sealed value to open." };
  return {
    name: "sealed",
    result: "held",
    seen: `${opened} sealed values open, ${destroyed} of destroyed keys do not.`,
  };
}

interface SealedPlace {
  readonly schema: string;
  readonly table: string;
  readonly primaryKey: string;
  readonly column: string;
}

const sealedPlaces = (policy: Policy): readonly SealedPlace[] =>
  Object.values(policy.tables).flatMap(({ schema, name: table, primaryKey, columns }) =>
    Object.entries(columns).flatMap(([column, { sealed }]) =>
      sealed === undefined ? [] : [{ schema, table, primaryKey, column }],
    ),
  );
