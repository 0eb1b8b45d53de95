import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import type { AuthState } from "./auth-state.ts";
import type { Holdfast } from "./holdfast.ts";
import { ReactError } from "./react-error.ts";

export interface HoldfastProviderProps {
  /** Made once by `createHoldfast`. */
  readonly holdfast: Holdfast;
  /**
   * Moves to a path of this application; guards call it with the policy's sign-in and unauthorized pages. Give the router's own
   * navigation; without one the page is loaded anew.
   */
  readonly navigate?: (path: string) => void;
  readonly children: ReactNode;
}

interface Provided {
  readonly holdfast: Holdfast;
  readonly navigate: (path: string) => void;
}

const ProvidedContext = createContext<Provided | null>(null);

/** Makes a session available to everything below it, asks who is signed in, and follows other tabs and the window's focus. */
export function HoldfastProvider({ holdfast, navigate, children }: HoldfastProviderProps): ReactNode {
  useEffect(() => {
    void holdfast.ready();
    return holdfast.watch();
  }, [holdfast]);
  const provided = useMemo(() => ({ holdfast, navigate: navigate ?? loadPage }), [holdfast, navigate]);
  return <ProvidedContext value={provided}>{children}</ProvidedContext>;
}

/** The provided session and navigation. Throws ReactError `react/no-provider` outside HoldfastProvider. */
export function useProvided(): Provided {
  const provided = useContext(ProvidedContext);
  if (provided === null) {
    throw new ReactError(
      "react/no-provider",
      "A Holdfast hook or guard was used outside HoldfastProvider.",
      "Wrap the application in <HoldfastProvider holdfast={createHoldfast({ policy, site })}>.",
    );
  }
  return provided;
}

/** The session and its present state; renders again after every change. */
export function useHoldfastState(): { readonly holdfast: Holdfast; readonly state: AuthState } {
  const { holdfast } = useProvided();
  const state = useSyncExternalStore(holdfast.subscribe, holdfast.getState, holdfast.getState);
  return { holdfast, state };
}

function loadPage(path: string): void {
  globalThis.location.assign(path);
}
