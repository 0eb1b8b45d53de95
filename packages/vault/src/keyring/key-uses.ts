// Counts what keys are used for, so that every use is told without an event for each: one per key and period, and one for the
// keys of all subjects of a class, of whom there may be many thousands.
import type { KeyScope } from "./key-scope.ts";

/** What the keyring tells; an event of the policy's vocabulary. */
export interface KeyEvent {
  readonly name: "key.made" | "key.used" | "key.rotated" | "key.revoked" | "key.shredded" | "key.refused";
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reason?: string;
  readonly detail: Readonly<Record<string, string | number>>;
}

interface Uses {
  readonly scope: KeyScope;
  readonly since: number;
  seals: number;
  opens: number;
}

const PERIOD_MS = 60_000;
/** Keys that are counted at once; with one more all are told early. */
const COUNTED_MAX = 1_000;

export class KeyUses {
  readonly #emit: (event: KeyEvent) => void;
  readonly #now: () => number;
  #counted = new Map<string, Uses>();
  #since: number;

  constructor(emit: (event: KeyEvent) => void, now: () => number) {
    this.#emit = emit;
    this.#now = now;
    this.#since = now();
  }

  count(id: string, scope: KeyScope, kind: "seals" | "opens"): void {
    const now = this.#now();
    if (now - this.#since >= PERIOD_MS || this.#counted.size >= COUNTED_MAX) this.tell();
    let uses = this.#counted.get(id);
    if (uses === undefined) {
      uses = { scope, since: now, seals: 0, opens: 0 };
      this.#counted.set(id, uses);
    }
    uses[kind] += 1;
  }

  /** Tells what was counted since the last time. */
  tell(): void {
    const at = this.#now();
    const counted = this.#counted;
    this.#counted = new Map();
    this.#since = at;
    const groups = Map.groupBy(counted, ([key, { scope }]) =>
      scope.subject === undefined ? key : `${scope.purpose} ${scope.dataClass}`,
    );
    for (const [name, group] of groups) {
      const [, first] = group[0] as [string, Uses];
      const { purpose, dataClass, subject } = first.scope;
      const sum = (use: "seals" | "opens"): number => group.reduce((total, [, uses]) => total + uses[use], 0);
      const key = subject === undefined ? { key: name } : { keys: group.length };
      const detail = { ...key, purpose, dataClass, since: first.since, seals: sum("seals"), opens: sum("opens") };
      this.#emit({ name: "key.used", at, detail });
    }
  }
}
