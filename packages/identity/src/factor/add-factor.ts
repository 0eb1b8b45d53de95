import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { insertFactor, type NewFactor } from "./factor-store.ts";

/** @throws IdentityError too_many_enrolled_mfa_factors, mfa_factor_name_conflict */
export async function addFactor({ database }: IdentityContext, factor: NewFactor, now: number): Promise<void> {
  const stored = await insertFactor(database, factor, now);
  if (stored === "too-many") throw new IdentityError("too_many_enrolled_mfa_factors");
  if (stored === "exists") throw new IdentityError("mfa_factor_name_conflict");
}
