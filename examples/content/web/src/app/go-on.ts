import type { AuthState } from "@holdfast/react";
import { useRouter } from "@tanstack/react-router";
import { useCallback } from "react";

/**
 * Where to go in a session that just began, by way of the second factor where the account has one: a mailbox or a provider proves
 * no factor.
 */
export function useGoOn(): (state: Pick<AuthState, "secondFactorPending">, next: string) => Promise<void> {
  const router = useRouter();
  return useCallback(
    ({ secondFactorPending }, next) =>
      secondFactorPending
        ? router.navigate({ to: "/sign-in", search: { from: next, why: "new-session" }, replace: true })
        : router.navigate({ href: next, replace: true }),
    [router],
  );
}
