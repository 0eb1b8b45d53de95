// What ends by itself: grants whose time is over, and requests that nobody decided. Tokens end with the grant already when they
// are signed, so nothing depends on when this runs.
import type { IdentityContext } from "../identity-context.ts";
import { endGrants, expireRequests } from "./role-store.ts";

/** Rows of one kind ended at a time. */
const rowsMax = 5000;

export async function endRoles(context: IdentityContext): Promise<void> {
  const now = context.now();
  const event = { at: now, service: "identity", reason: "expired" } as const;
  for (const { userId, role } of await endGrants(context.database, now, rowsMax)) {
    context.emit({ ...event, name: "role.changed", subject: userId, detail: { added: "", removed: role } });
  }
  for (const { id, userId, role } of await expireRequests(context.database, now, rowsMax)) {
    context.emit({ ...event, name: "role.refused", subject: userId, detail: { role, request: id } });
  }
}
