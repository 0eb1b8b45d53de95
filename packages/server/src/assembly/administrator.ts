// The first administrator. Whoever starts the deployment gets the password once; the role counts only after a second factor.
import { randomBytes } from "node:crypto";
import { type Identity, IdentityError } from "@holdfast/identity";
import type { Policy } from "@holdfast/policy";
import type { Database } from "../store/database.ts";

const PASSWORD_BYTES = 18;
const SUFFIX_BYTES = 4;
/** RFC 6761 §6.3: never leaves the machine, so nobody can receive mail for it. */
const DOMAIN = "holdfast.localhost";

export interface FirstAdministrator {
  readonly email: string;
  /** Shown once; only its hash is kept. */
  readonly password: string;
}

/** Makes an administrator when no account has the role; null when one has. */
export async function ensureAdministrator(
  policy: Policy,
  identity: Identity,
  accounts: Pick<Database, "query">,
): Promise<FirstAdministrator | null> {
  const role = policy.platform.administrator;
  const holders = policy.roles[role]?.heldBy ?? [role];
  const { rows } = await accounts.query<{ exists: boolean }>(
    "SELECT EXISTS (SELECT FROM auth.users WHERE deleted_at IS NULL AND raw_app_meta_data -> 'roles' ?| $1::text[])",
    [holders],
  );
  if (rows[0]?.exists === true) return null;
  const password = randomBytes(PASSWORD_BYTES).toString("base64url");
  // Somebody may have signed up with the plain address: their account is left alone.
  for (const name of ["admin", `admin-${randomBytes(SUFFIX_BYTES).toString("hex")}`]) {
    const email = `${name}@${DOMAIN}`;
    try {
      await identity.createAccount({ email, password, roles: [role] });
      return { email, password };
    } catch (cause) {
      // Only a taken address leads to the second name; anything else is for whoever starts the deployment.
      if (!(cause instanceof IdentityError) || cause.code !== "email_exists") throw cause;
    }
  }
  throw new Error("No free address for the first administrator.");
}
