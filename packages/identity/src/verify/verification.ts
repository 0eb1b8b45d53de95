// What redeeming a mailed token means, by the type that the client names. Each type is one file beside this one.
import type { Account } from "../account/account.ts";
import type { IdentityContext } from "../identity-context.ts";
import type { Redeemed } from "../once/once.ts";
import type { OncePurpose } from "../once/purpose.ts";
import type { Caller } from "../request/caller.ts";
import type { AuthenticationMethod } from "../token/access-token.ts";

/** Whether a link was followed or a code typed. */
export type Means = "link" | "code";

export type Accepted =
  /** Whoever redeemed it signs in to the account. */
  | { readonly kind: "account"; readonly account: Account; readonly method: AuthenticationMethod["method"] }
  /** Nobody signs in yet; the client is told. */
  | { readonly kind: "message"; readonly message: string };

export interface Verification {
  /** Tried in this order. */
  readonly purposes: readonly OncePurpose[];
  /** Spending has happened; null when there is nothing left that the token could do. */
  accept(
    context: IdentityContext,
    caller: Caller,
    redeemed: Redeemed,
    means: Means,
    purpose: OncePurpose,
  ): Promise<Accepted | null>;
}
