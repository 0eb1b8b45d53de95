// What a session is worth: computed from what it proved and from what its account has at this moment, at each use.
import { type Account, strongCredentials } from "../account/account.ts";
import type { Assurance, IdentityRules } from "../rules.ts";
import type { Session } from "./session-row.ts";

/** aal2 while a factor or passkey that the session proved is still one of the account's. */
export const assuranceOf = (rules: IdentityRules, account: Account, session: Pick<Session, "amr">): Assurance =>
  rules.sessionAssurance(session.amr, strongCredentials(account));
