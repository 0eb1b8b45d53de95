import type { Condition } from "@holdfast/policy";
import { type ReactNode, useEffect } from "react";
import type { GuardOutcome, Requirement } from "./guard.ts";
import { anyRole, type Holdfast } from "./holdfast.ts";
import { useHoldfastState, useProvided } from "./provider.tsx";

export interface ProtectedRouteProps {
  /** One of these roles is needed; an empty list lets nobody in. Without roles, condition and page, a session is needed. */
  readonly roles?: readonly string[];
  /** Must hold as well. */
  readonly condition?: Condition;
  /** A page of the site, for example `/editors`: its condition in the policy must hold as well. */
  readonly page?: string;
  /** Shown instead of the children when somebody is signed in and not allowed; without it, the unauthorized page is opened. */
  readonly fallback?: ReactNode;
  /** Shown when nobody is signed in; without it, the sign-in page is opened, and told where to return. */
  readonly signIn?: ReactNode;
  /**
   * Shown when a second factor would be enough. Without it, the sign-in page is opened where the account has a factor to give,
   * and a sentence is shown where it has none.
   */
  readonly secondFactor?: ReactNode;
  /** Shown until it is known who is signed in. */
  readonly loading?: ReactNode;
  /** Shown when identity does not answer. */
  readonly unreachable?: ReactNode;
  readonly children: ReactNode;
}

/**
 * Shows its children only to those who are allowed. It hides, it does not protect data: the gateway and the database enforce
 * the same policy (ASVS 5.0 8.3.1).
 */
export function ProtectedRoute(props: ProtectedRouteProps): ReactNode {
  const { holdfast, state } = useHoldfastState();
  const outcome = strictest(requirementsOf(props, holdfast).map((requirement) => holdfast.guard(requirement)));
  switch (outcome) {
    case "allowed":
      return props.children;
    case "loading":
      return props.loading ?? null;
    case "unreachable":
      return props.unreachable ?? <p role="alert">The server cannot be reached. Try again in a moment.</p>;
    case "sign-in":
      return props.signIn ?? <OpenPage path={signInPath(holdfast)} />;
    case "second-factor":
      if (props.secondFactor !== undefined) return props.secondFactor;
      if (state.secondFactorPending) return <OpenPage path={signInPath(holdfast)} />;
      return <p role="alert">This page needs a second factor. Set one up in your account first.</p>;
    case "refused":
      return props.fallback ?? <OpenPage path={pagePath(holdfast, "unauthorized")} />;
  }
}

/** Later in the list is asked first: who is not signed in is sent to sign in rather than refused. */
const order: readonly GuardOutcome[] = ["allowed", "second-factor", "refused", "sign-in", "unreachable", "loading"];

function strictest(outcomes: readonly GuardOutcome[]): GuardOutcome {
  return outcomes.reduce(
    (worst, outcome) => (order.indexOf(outcome) > order.indexOf(worst) ? outcome : worst),
    "allowed",
  );
}

function requirementsOf(props: ProtectedRouteProps, holdfast: Holdfast): readonly Requirement[] {
  const requirements: Requirement[] = [];
  if (props.roles !== undefined) requirements.push(anyRole(props.roles));
  if (props.condition !== undefined) requirements.push(props.condition);
  if (props.page !== undefined) requirements.push({ kind: "page", site: holdfast.site, page: props.page });
  return requirements.length === 0 ? [{ kind: "signedIn" }] : requirements;
}

function OpenPage({ path }: { readonly path: string }): ReactNode {
  const { navigate } = useProvided();
  useEffect(() => {
    navigate(path);
  }, [navigate, path]);
  return null;
}

/** The sign-in page, with the present place as `from`. */
export function signInPath(holdfast: Holdfast): string {
  const { pathname, search } = globalThis.location;
  return `${pagePath(holdfast, "signIn")}?from=${encodeURIComponent(pathname + search)}`;
}

/** A page of the policy's site as a path of the origin. */
export function pagePath(holdfast: Holdfast, page: "signIn" | "unauthorized"): string {
  const site = holdfast.policy.sites[holdfast.site];
  if (site === undefined) return "/";
  return site.mount === "/" ? site[page] : `${site.mount}${site[page]}`;
}
