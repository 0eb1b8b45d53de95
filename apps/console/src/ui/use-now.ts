// The present moment as React state, so that "2 min ago" stays true while a page is open.
import { useSyncExternalStore } from "react";

const TICK_MS = 15_000;

let now = Date.now();

function subscribe(listener: () => void): () => void {
  const timer = setInterval(() => {
    now = Date.now();
    listener();
  }, TICK_MS);
  return () => clearInterval(timer);
}

export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
