/** Whether a fragment is what the link of a message leaves: what it was for, or what was wrong with it. */
export const isArrival = (fragment: string): boolean => /(?:^|&)(?:type|message|error|error_code)=/.test(fragment);

export interface Arrival {
  /** To be exchanged for a session, by the browser that asked for it. */
  readonly code?: string;
  /** What a provider or identity answered instead. */
  readonly error?: string;
  /** Where to go on to. */
  readonly from?: string;
}

/** What the address says that a provider sends the browser back to. */
export function readArrival(search: Record<string, unknown>): Arrival {
  const text = (name: string): string | undefined => (typeof search[name] === "string" ? search[name] : undefined);
  const [code, error, from] = [text("code"), text("error_code") ?? text("error"), text("from")];
  return {
    ...(code === undefined ? {} : { code }),
    ...(error === undefined ? {} : { error }),
    ...(from === undefined ? {} : { from }),
  };
}
