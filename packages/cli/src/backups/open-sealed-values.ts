// Opens sealed values in a restored copy with the deployment's own keyring: a backup whose keys are gone is half a backup, and what
// was shredded must stay so.
import { openValue } from "@holdfast/postgres";
import { type DrillStep, openSealedCanaries, sealedColumnsOf } from "@holdfast/server";
import { envelopeKeyId, isEnvelope } from "@holdfast/vault";
import type pg from "pg";
import type { Inspection } from "./inspection.ts";

const VALUES_MAX = 50;

/** Undefined where the policy seals nothing. */
export async function openSealedValues(
  client: pg.Client,
  { policy, vault }: Pick<Inspection, "policy" | "vault">,
): Promise<DrillStep | undefined> {
  const tenant = policy.application.name;
  const columns = sealedColumnsOf(policy);
  if (columns.length === 0) return undefined;
  const statements = {
    query: <Row extends object>(text: string, values: readonly unknown[] = []) => client.query<Row>(text, [...values]),
  };
  const canaries = await openSealedCanaries(statements, { keyring: vault.keyring, tenant, columns });
  if (canaries.fault !== undefined) return { name: "sealed", result: "broken", seen: canaries.fault };
  let opened = 0;
  let destroyed = 0;
  for (const column of columns) {
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
  const seen = `Of canaries ${canaries.opened} open and ${canaries.destroyed} of destroyed keys do not; of the application's values ${opened} and ${destroyed}.`;
  if (canaries.missing.length > 0)
    return {
      name: "sealed",
      result: "unproven",
      seen: `No canary of ${canaries.missing.join(", ")} is there. ${seen}`,
    };
  return { name: "sealed", result: "held", seen };
}

/** The id of a key is never all zeros: it ends in its version, which begins at one. */
const namesNoKey = (value: Buffer): boolean => isEnvelope(value) && envelopeKeyId(value).every((byte) => byte === 0);
