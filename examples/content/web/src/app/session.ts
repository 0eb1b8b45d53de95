import { policy } from "virtual:holdfast-policy";
import { createHoldfast, type GuardOutcome } from "@holdfast/react";
import { redirect } from "@tanstack/react-router";

/** The session of this browser. */
export const holdfast = createHoldfast({ policy, site: "app" });

/** Fewest characters of a password, as identity will demand. */
export const passwordLengthMin = policy.identity.password.minLength;

/** Whether an account counts only once its address is confirmed. */
export const isAddressConfirmed = policy.identity.email.confirm;

/**
 * A router's `beforeLoad` for a page of the policy: the page's code and data are asked for only after it has returned. Throws a
 * redirect for whoever may not open the page.
 */
export function guardFor(page: string) {
  return async ({ location }: { location: { href: string } }): Promise<void> => {
    const outcome: GuardOutcome = await holdfast.guardPage(page);
    if (outcome === "sign-in") throw redirect({ to: "/sign-in", search: { from: location.href } });
    if (outcome === "second-factor") throw secondFactorRedirect(location.href);
    if (outcome === "refused") throw redirect({ to: "/unauthorized" });
    // "unreachable" is shown in place of the page by ProtectedRoute, and so is everything that is not "allowed".
  };
}

/** To the place where the second factor is asked for, or where one is set up when the account has none. */
function secondFactorRedirect(from: string) {
  if (holdfast.getState().secondFactorPending) return redirect({ to: "/sign-in", search: { from } });
  return redirect({ to: "/account/security", search: { need: "second-factor" } });
}
