// Opens sealed values in a restored copy with the deployment's own keyring: a backup whose keys are gone is half a backup, and what
// was shredded must stay so.
import { openValue } from "@holdfast/postgres";
import { type DrillStep, sealedColumnsOf } from "@holdfast/server";
import { envelopeKeyId, isEnvelope } from "@holdfast/vault";
import type pg from "pg";
import type { Inspection } from "./inspection.ts";

const VALUES_MAX = 50;

export async function openSealedValues(client: pg.Client, { policy, vault }: Inspection): Promise<DrillStep> {
  const tenant = policy.application.name;
  let opened = 0;
  let destroyed = 0;
  for (const column of sealedColumnsOf(policy)) {
    const [schema, relation, name, primaryKey] = [column.schema, column.relation, column.name, column.primaryKey].map(
      (part) => client.escapeIdentifier(part),
    );
    const { rows } = await client.query<{ key: string; value: Buffer | string }>(
      `select ${primaryKey}::text as key, ${name} as value from ${schema}.${relation} where ${name} is not null limit ${VALUES_MAX}`,
    );
    for (const { key, value } of rows) {
      if (!Buffer.isBuffer(value)) continue; // Not sealed yet: `holdfast seal` is under way.
      if (namesNoKey(value)) continue; // A canary of a check, which nobody is to open.
      const result = await openValue(vault.keyring, { column, tenant, rowKey: key }, value);
      if (result.kind === "refused") {
        const seen = `A value of ${column.table}.${column.name} does not open (${result.reason}).`;
        return { name: "sealed", result: "broken", seen };
      }
      if (result.kind === "opened") opened += 1;
      else destroyed += 1; // Shredded: that it does not come back is what was promised.
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

/** The id of a key is never all zeros: it ends in its version, which begins at one. */
const namesNoKey = (value: Buffer): boolean => isEnvelope(value) && envelopeKeyId(value).every((byte) => byte === 0);
