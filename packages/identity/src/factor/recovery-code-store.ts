// Recovery codes in PostgreSQL: one factor for each account, whose codes are one-time tokens of that factor.
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { offeredBy } from "../session/assurance.ts";

export interface CodeCount {
  readonly total: number;
  readonly remaining: number;
}

/** Codes of the present set. */
export async function countCodes({ database }: IdentityContext, factorId: string): Promise<CodeCount> {
  const { rows } = await database.query<{ total: number; remaining: number }>(
    `select count(*)::int as total, count(*) filter (where spent_at is null)::int as remaining
     from auth.one_time_tokens where purpose = 'recovery-code' and subject = $1`,
    [factorId],
  );
  return rows[0] ?? { total: 0, remaining: 0 };
}

/** Forgets every code of the factor, used ones too. */
export async function deleteCodes({ database }: IdentityContext, factorId: string): Promise<void> {
  await database.query("delete from auth.one_time_tokens where purpose = 'recovery-code' and subject = $1", [factorId]);
}

/** Recovery codes are never all that protects an account: they go with the last factor or passkey beside them. */
export async function removeLeftAloneCodes(context: IdentityContext, caller: Caller, userId: string): Promise<void> {
  const offered = offeredBy(context.policy);
  const { rows } = await context.database.query<{ id: string }>(
    `delete from auth.mfa_factors where user_id = $1 and factor_type = 'recovery_code'
       and not exists (select from auth.mfa_factors f
         where f.user_id = $1 and f.status = 'verified' and f.factor_type <> 'recovery_code' and f.factor_type = any($2))
       and not ($3 and exists (select from auth.webauthn_credentials c where c.user_id = $1 and c.factor_id is null))
     returning id`,
    [userId, offered.factorTypes, offered.passkeys],
  );
  for (const { id } of rows) {
    await deleteCodes(context, id);
    const detail = { factor: id, type: "recovery_code" };
    emitEvent(context, caller, "factor.removed", { subject: userId, reason: "left-alone", detail });
  }
}
