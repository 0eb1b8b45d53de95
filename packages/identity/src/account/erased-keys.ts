// What was sealed for somebody goes with their account: the data keys are destroyed, and no backup brings the values back. PostgreSQL
// notes every account that is gone; whoever was cut short, or sealed something at that very moment, is caught up with by the sweep.
import type { IdentityContext } from "../identity-context.ts";

/** Longer than anything that still runs for somebody who is gone: after it nobody makes another key. */
const lastLookMs = 3_600_000;

/** Destroys the keys of an account that is gone. A failure is an event, and the sweep tries again. */
export async function destroyKeysOf(context: IdentityContext, userId: string): Promise<boolean> {
  if (!context.rules.destroysKeys()) return true;
  try {
    await context.destroyKeys(userId);
    return true;
  } catch (cause) {
    const reason = String((cause as { readonly code?: unknown }).code ?? "failure").slice(0, 64);
    context.emit({ name: "account.keys-left", at: context.now(), service: "identity", subject: userId, reason });
    return false;
  }
}

/** The same for every account that PostgreSQL noted, `max` at a time. Each is looked at for an hour, then forgotten. */
export async function destroyErasedKeys(context: IdentityContext, max: number): Promise<void> {
  const { rows } = await context.database.query<{ user_id: string; is_last: boolean }>(
    "select user_id, erased_at <= $1 as is_last from auth.erased_accounts order by erased_at limit $2",
    [new Date(context.now() - lastLookMs), max],
  );
  // An administrator may make an account anew with the id of one that is gone: it is alive.
  const { rows: alive } = await context.database.query<{ id: string }>(
    "select id from auth.users where id = any($1) and deleted_at is null",
    [rows.map((row) => row.user_id)],
  );
  const done = alive.map((user) => user.id);
  for (const { user_id: userId, is_last: isLast } of rows) {
    if (done.includes(userId)) continue;
    if ((await destroyKeysOf(context, userId)) && isLast) done.push(userId);
  }
  await context.database.query("delete from auth.erased_accounts where user_id = any($1)", [done]);
}
