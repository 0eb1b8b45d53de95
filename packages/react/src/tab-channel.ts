const CHANNEL = "holdfast";

/** What tabs of one origin tell each other: a session was ended, or it changed and should be read again. */
export type TabMessage = { readonly kind: "signed-out" } | { readonly kind: "changed" };

export interface TabChannel {
  tell(message: TabMessage): void;
  /** Calls `listener` for messages of other tabs; returns how to stop. */
  listen(listener: (message: TabMessage) => void): () => void;
}

/** A channel to the other tabs, or a silent one where the browser has none. */
export function tabChannel(Channel: typeof BroadcastChannel | undefined): TabChannel {
  if (Channel === undefined) return { tell: () => undefined, listen: () => () => undefined };
  const channel = new Channel(CHANNEL);
  return {
    tell: (message) => channel.postMessage(message),
    listen(listener) {
      const onMessage = (event: MessageEvent<unknown>) => {
        const message = event.data as Partial<TabMessage> | null;
        if (message?.kind === "signed-out" || message?.kind === "changed") listener({ kind: message.kind });
      };
      channel.addEventListener("message", onMessage);
      return () => channel.removeEventListener("message", onMessage);
    },
  };
}
