// Objects whose text is sealed before it reaches the database: what the application makes of them, and where it is stored.
import type { TablePolicy } from "@holdfast/policy";
import type { Account } from "./accounts.ts";
import { mayMake, type ObjectRoutes, objectRoutes } from "./object-routes.ts";
import { ProbeError } from "./probe-error.ts";
import type { ProbeSession } from "./session.ts";

export interface SealedFamily {
  readonly family: ObjectRoutes;
  readonly rule: TablePolicy;
  /** The sealed column that the route's body has a text for. */
  readonly column: string;
}

/** Every family of objects with a sealed text. @throws ProbeError `probes/nothing-to-attack` when the policy has none */
export function sealedFamilies(session: ProbeSession, account: Account): readonly SealedFamily[] {
  const families = objectRoutes(session.policy).flatMap((family): readonly SealedFamily[] => {
    const rule = family.table === undefined ? undefined : session.policy.tables[family.table];
    if (rule === undefined || !mayMake(session.policy, family, account)) return [];
    const texts = (family.body["properties"] ?? {}) as Readonly<Record<string, { readonly type?: unknown }>>;
    const column = Object.entries(rule.columns).find(
      ([name, { sealed, type }]) => sealed !== undefined && type === "text" && texts[name]?.type === "string",
    )?.[0];
    return column === undefined ? [] : [{ family, rule, column }];
  });
  if (families.length > 0) return families;
  throw new ProbeError(
    "probes/nothing-to-attack",
    "Expected a route that makes an object with a sealed text, found none in the policy.",
    "Seal a column that one of the application's routes writes.",
  );
}
