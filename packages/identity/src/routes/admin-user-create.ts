import { userJson } from "../account/account.ts";
import { createAccount } from "../account/create-account.ts";
import { accountLabel } from "../account/email-address.ts";
import { IdentityError } from "../error/identity-error.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { callerOf, emitEvent } from "../request/caller.ts";
import { actorFacts } from "../role/actor.ts";
import { requireMayGrant } from "../role/privilege.ts";
import { type AdminBody, adminBody, readAdminBody } from "./admin-schema.ts";
import type { AddRoute } from "./route.ts";

/** POST /admin/users {email, phone, password, email_confirm, phone_confirm, user_metadata, app_metadata, ban_duration, id} → 200 user. Service key only. */
export const adminUserCreate: AddRoute = (app, context) => {
  const options = { schema: { body: adminBody } };
  app.post<{ Body: AdminBody }>("/admin/users", options, async (request) => {
    const caller = callerOf(request);
    const actor = await requireServiceKey(context, caller, request.headers.authorization);
    const { email = "", appMetadata = {}, ...wanted } = readAdminBody(request.body, context.now());
    if (email === "" && wanted.phone === undefined) {
      const message = "Cannot create a user without either an email or phone";
      throw new IdentityError("validation_failed", { message });
    }
    const roles = appMetadata.roles ?? context.policy.identity.defaultRoles;
    requireMayGrant(context, caller, actor, undefined, Array.isArray(roles) ? roles.map(String) : []);
    const id = request.body.id === undefined ? {} : { id: request.body.id };
    const account = await createAccount(context, caller, {
      ...wanted,
      ...id,
      email,
      appMetadata: { ...appMetadata, roles },
    });
    const name = email === "" ? account.phone : account.email;
    const detail = { account: accountLabel(name), roles: account.appMetadata.roles.join(",") };
    emitEvent(context, caller, "account.created", { subject: account.id, ...actorFacts(actor), detail });
    return userJson(account);
  });
};
