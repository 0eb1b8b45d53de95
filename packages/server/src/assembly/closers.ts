// What has been opened, to be closed in reverse order: after a failed start, or when the platform stops.

export interface Closers {
  add(close: () => Promise<void> | void): void;
  /** Closes everything once, newest first. One that fails does not keep the others open; the first failure is thrown. */
  closeAll(): Promise<void>;
}

export function createClosers(): Closers {
  let open: (() => Promise<void> | void)[] = [];
  return {
    add: (close) => open.push(close),
    async closeAll() {
      const closing = open.reverse();
      open = [];
      const failures: unknown[] = [];
      for (const close of closing) {
        try {
          await close();
        } catch (cause) {
          // The rest must be closed too; the first failure is reported at the end.
          failures.push(cause);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
