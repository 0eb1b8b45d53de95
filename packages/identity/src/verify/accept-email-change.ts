// One side of a change of address agrees. The address changes when both have.

import { findAccount, findAccountByEmail } from "../account/account-store.ts";
import { drawConsequences, emailChangePurposes } from "../account/change-email.ts";
import { applyNewEmail, noteConfirmation } from "../account/change-store.ts";
import { IdentityError } from "../error/identity-error.ts";
import { emitEvent } from "../request/caller.ts";
import { tokensEndAt } from "../session/end-sessions.ts";
import { endSessions } from "../session/session-store.ts";
import type { Verification } from "./verification.ts";

/** The half that is still missing, said as Supabase Auth says it. */
const otherHalf = "Confirmation link accepted. Please proceed to confirm link sent to the other email";

export const emailChangeVerification: Verification = {
  purposes: Object.values(emailChangePurposes),
  async accept(context, caller, { userId, payload }, _means, purpose) {
    const side = purpose === emailChangePurposes.current ? "current" : "new";
    const id = userId ?? "";
    const email = String(payload.email);
    const before = await findAccount(context.database, id);
    if (before === null) return null;
    if (!(await noteConfirmation(context.database, { id, email, side }, context.now()))) return null;
    emitEvent(context, caller, "account.changed", { subject: id, reason: "address-half-confirmed", detail: { side } });
    const { passwordHash } = payload;
    // Whoever has just proven the new address is told that somebody else was faster.
    if (side === "new" && (await findAccountByEmail(context.database, email)) !== null)
      throw new IdentityError("email_exists");
    const applied = {
      id,
      email,
      needed: context.rules.confirmationsOfChange(before.email !== ""),
      roles: before.isAnonymous ? context.rules.rolesOfNewAccount(context.policy.identity.defaultRoles, {}) : [],
      passwordHash: before.isAnonymous && typeof passwordHash === "string" ? passwordHash : null,
    };
    // In one transaction: no session of the old address outlives it.
    const ended = await context.database.transaction(async (database) => {
      if (!(await applyNewEmail(database, applied, context.now()))) return null;
      return await endSessions(database, id, { kind: "all" }, context.now(), tokensEndAt(context));
    });
    if (ended === null) return { kind: "message", message: otherHalf };
    const account = await drawConsequences(context, caller, before, { changed: "address", ended });
    return account === null ? null : { kind: "account", account, method: "email_change" };
  },
};
