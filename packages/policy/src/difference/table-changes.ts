import type { Condition } from "../condition.ts";
import { ownField } from "../own-field.ts";
import type { ColumnPolicy, Policy, SealedPolicy, TablePolicy } from "../policy.ts";
import { tableActions } from "../read-tables.ts";
import { type Change, conditionChange, keysOf, valueChange } from "./change.ts";

/** Tables, their columns and their conditions. */
export function tableChanges(before: Policy, after: Policy): readonly Change[] {
  return keysOf(before.tables, after.tables).flatMap((name) => {
    const path = `tables.${name}`;
    const [old, now] = [ownField(before.tables, name), ownField(after.tables, name)];
    return [
      ...placeChanges(path, old, now),
      ...columnChanges(`${path}.columns`, old?.columns ?? {}, now?.columns ?? {}),
      ...maskChanges([before, after], `${path}.columns`, name),
      ...tableActions.flatMap((action) =>
        conditionChange([before, after], `${path}.${action}`, name, old?.[action], now?.[action]),
      ),
      ...floorChanges([before, after], path, name),
      ...auditChanges(path, old, now),
    ];
  });
}

function placeChanges(path: string, old: TablePolicy | undefined, now: TablePolicy | undefined): readonly Change[] {
  if (old === undefined || now === undefined) {
    return valueChange(path, old?.name, now?.name, now === undefined ? "tighter" : "changed");
  }
  return (["schema", "name", "primaryKey"] as const).flatMap((key) =>
    valueChange(`${path}.${key}`, old[key], now[key], "changed"),
  );
}

/** Without the audit log a change goes unnoticed that would have been kept. */
function auditChanges(path: string, old: TablePolicy | undefined, now: TablePolicy | undefined): readonly Change[] {
  if (old === undefined || now === undefined) return [];
  return valueChange(`${path}.audited`, old.audited, now.audited, now.audited === true ? "tighter" : "looser");
}

/** No floor lets everybody through. */
const noFloor: Condition = { kind: "anyone" };

function floorChanges(policies: readonly [Policy, Policy], path: string, name: string): readonly Change[] {
  const [old, now] = policies.map(({ tables }) => ownField(tables, name));
  if (old === undefined || now === undefined || (old.within ?? now.within) === undefined) return [];
  return conditionChange(policies, `${path}.within`, name, old.within ?? noFloor, now.within ?? noFloor);
}

/** A mask that goes shows more; another mask shows something else; whom it unmasks is compared as a condition. */
function maskChanges(policies: readonly [Policy, Policy], path: string, table: string): readonly Change[] {
  const [old, now] = policies.map(({ tables }) => ownField(tables, table)?.columns ?? {});
  return keysOf(old ?? {}, now ?? {}).flatMap((name) => {
    const [was, is] = [ownField(old ?? {}, name), ownField(now ?? {}, name)];
    if (was === undefined || is === undefined || (was.masked ?? is.masked) === undefined) return [];
    const place = `${path}.${name}`;
    const effect = is.masked === undefined ? "looser" : was.masked === undefined ? "tighter" : "changed";
    return [
      ...valueChange(`${place}.masked`, was.masked?.mask, is.masked?.mask, effect),
      ...(was.masked === undefined || is.masked === undefined
        ? []
        : conditionChange(policies, `${place}.unmaskedFor`, table, was.masked.unmaskedFor, is.masked.unmaskedFor)),
    ];
  });
}

type Columns = Readonly<Record<string, ColumnPolicy>>;

function columnChanges(path: string, before: Columns, after: Columns): readonly Change[] {
  return keysOf(before, after).flatMap((name) => {
    const place = `${path}.${name}`;
    const [old, now] = [ownField(before, name), ownField(after, name)];
    // Whoever may read a row may read a new column of it.
    if (old === undefined || now === undefined)
      return valueChange(place, old, now, now === undefined ? "tighter" : "looser");
    return [
      ...valueChange(`${place}.type`, old.type, now.type, "changed"),
      ...valueChange(`${place}.nullable`, old.nullable, now.nullable, "changed"),
      ...valueChange(`${place}.writable`, old.writable, now.writable, now.writable ? "looser" : "tighter"),
      ...sealedChanges(`${place}.sealed`, old.sealed, now.sealed),
    ];
  });
}

/** Sealing keeps the value from whoever reads the database; an index tells which values are equal; a subject's keys can be destroyed. */
function sealedChanges(path: string, old: SealedPolicy | undefined, now: SealedPolicy | undefined): readonly Change[] {
  if (old === undefined || now === undefined)
    return valueChange(path, old, now, now === undefined ? "looser" : "tighter");
  return [
    ...valueChange(`${path}.blindIndex`, old.blindIndex, now.blindIndex, now.blindIndex ? "looser" : "tighter"),
    ...valueChange(
      `${path}.subject`,
      old.subject,
      now.subject,
      now.subject === null ? "looser" : old.subject === null ? "tighter" : "changed",
    ),
  ];
}
