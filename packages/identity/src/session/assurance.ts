// What a session is worth: computed from what it proved and from what its account has at this moment, at each use.
import type { Policy } from "@holdfast/policy";
import type { Factor, FactorType } from "../account/account.ts";
import type { IdentityContext } from "../identity-context.ts";
import type { Assurance } from "../rules.ts";
import type { Session } from "./session-row.ts";

const settings = { totp: "totp", webauthn: "webauthn", phone: "phone", recovery_code: "recoveryCodes" } as const;

/** What of an account decides what its sessions are worth. */
export interface Credentials {
  readonly factors: readonly Pick<Factor, "id" | "type" | "status">[];
  readonly passkeys: readonly string[];
}

/** Does the policy let people use factors of the type? */
export const isOffered = (policy: Policy, type: FactorType): boolean => policy.identity.factors[settings[type]];

/** What the policy lets protect an account. What it has turned off may be stored still, and counts for nothing. */
export interface Offered {
  readonly factorTypes: readonly FactorType[];
  readonly passkeys: boolean;
}

export const offeredBy = (policy: Policy): Offered => ({
  factorTypes: (Object.keys(settings) as FactorType[]).filter((type) => isOffered(policy, type)),
  passkeys: policy.identity.passkeys,
});

/**
 * Ids of what the account can prove to be worth aal2: verified factors, and passkeys, which ask for a person and a device at once
 * (NIST SP 800-63B-4 §2.2.1). What the policy has turned off neither proves nor guards anything.
 */
export const strongCredentials = (policy: Policy, account: Credentials): readonly string[] => [
  ...account.factors.filter(({ status, type }) => status === "verified" && isOffered(policy, type)).map(({ id }) => id),
  ...(policy.identity.passkeys ? account.passkeys : []),
];

/** aal2 while a factor or passkey that the session proved is still one of the account's. */
export const assuranceOf = (
  { policy, rules }: Pick<IdentityContext, "policy" | "rules">,
  account: Credentials,
  session: Pick<Session, "amr">,
): Assurance => rules.sessionAssurance(session.amr, strongCredentials(policy, account));
