// How the alert and incident logs write an entry: canonical JSON `{"entry": …, "seq": n}`.

interface Stored {
  readonly seq: number;
  readonly entry: unknown;
}

/** Reads an entry this package wrote; its shape is the writer's promise, its integrity the chain's. */
export function readEntry<Entry>(body: string): Entry {
  return (JSON.parse(body) as Stored).entry as Entry;
}

export function sequenceOfEntry(body: string): number | undefined {
  try {
    return (JSON.parse(body) as Partial<Stored>).seq;
  } catch {
    // A record that is no JSON any more was edited; verification reports it.
    return undefined;
  }
}
