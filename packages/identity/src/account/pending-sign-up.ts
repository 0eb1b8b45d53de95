// Sign-ups whose address is not confirmed yet. Each attempt keeps its own password and metadata, with its own token: a later one
// neither overwrites an earlier one nor is overwritten by it.
import type { IdentityContext } from "../identity-context.ts";
import type { PendingAccount } from "./confirm-address.ts";

/** Which of several attempts that live. */
type Which = "newest" | "earliest";

/** An attempt that lives for the address, or null. */
export async function findPending(
  context: IdentityContext,
  email: string,
  which: Which,
): Promise<PendingAccount | null> {
  const { rows } = await context.database.query<{ payload: { readonly attempt?: PendingAccount } }>(
    `select payload from auth.one_time_tokens
     where purpose = 'confirm-sign-up' and subject = $1 and spent_at is null and expires_at > $2
     order by created_at ${which === "newest" ? "desc" : "asc"}, id limit 1`,
    [email, new Date(context.now())],
  );
  return rows[0]?.payload.attempt ?? null;
}
