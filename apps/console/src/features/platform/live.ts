// One stream of what happens now, shared by all pages. It reconnects by itself, and every message refreshes what it concerns.

import type { EventRecord, StreamMessages } from "@holdfast/server/api";
import type { QueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";

export type LiveState = "connecting" | "live" | "ended";

const EVENTS_KEPT_MAX = 200;
const STREAM = "/platform/v1/events/stream";

interface LiveStore {
  readonly state: LiveState;
  /** Newest first. */
  readonly events: readonly EventRecord[];
}

let store: LiveStore = { state: "connecting", events: [] };
const listeners = new Set<() => void>();

function update(next: Partial<LiveStore>): void {
  store = { ...store, ...next };
  for (const listener of listeners) listener();
}

export function useLive(): LiveStore {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => store,
  );
}

/** Keeps the stream open while the shell is shown. */
export function useLiveStream(client: QueryClient): void {
  useEffect(() => {
    const source = new EventSource(STREAM);
    const on = <K extends keyof StreamMessages>(kind: K, use: (message: StreamMessages[K]) => void): void => {
      source.addEventListener(kind, (message: MessageEvent<string>) =>
        use(JSON.parse(message.data) as StreamMessages[K]),
      );
    };
    const refresh = (...keys: readonly string[]): void => {
      for (const key of keys) void client.invalidateQueries({ queryKey: [key] });
    };
    source.addEventListener("open", () => update({ state: "live" }));
    source.addEventListener("error", () =>
      update({ state: source.readyState === EventSource.CLOSED ? "ended" : "connecting" }),
    );
    on("event", (record) => {
      if (store.events.some((known) => known.seq === record.seq)) return;
      if (record.name.startsWith("backup.")) refresh("backups");
      if (record.name.startsWith("replica.")) refresh("replicas");
      if (record.name.startsWith("audit.")) refresh("audit", "audit-checkpoints");
      update({ events: [record, ...store.events].slice(0, EVENTS_KEPT_MAX) });
    });
    on("alert", () => refresh("alerts", "summary"));
    on("incident", () => refresh("incidents", "incident", "summary"));
    on("proof", () => refresh("control", "controls", "summary", "evidence"));
    on("end", () => update({ state: "ended" }));
    return () => {
      source.close();
      update({ state: "connecting" });
    };
  }, [client]);
}
