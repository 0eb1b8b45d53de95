import type { ReactNode } from "react";
import type { Known, Requirement } from "./guard.ts";
import { useHoldfastState } from "./provider.tsx";

export interface ShowProps {
  /** What the policy must allow, or the plain state of the session. */
  readonly when: Requirement | "signed-in" | "signed-out";
  readonly known?: Known;
  /** Shown otherwise, but not while loading. */
  readonly fallback?: ReactNode;
  readonly children: ReactNode;
}

/** Shows its children when `when` holds; nothing at all while it is not known. */
export function Show({ when, known, fallback, children }: ShowProps): ReactNode {
  const { holdfast, state } = useHoldfastState();
  if (state.status === "loading") return null;
  const holds = typeof when === "string" ? state.status === when : holdfast.can(when, known);
  return holds ? children : (fallback ?? null);
}
