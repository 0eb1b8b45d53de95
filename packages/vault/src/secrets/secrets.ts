// Secrets that somebody gives us, by their names in the policy. A value is used for as long as its lease; then its source is asked
// again, so that a rotated one takes effect without a restart. While a source cannot be asked the value lasts one more lease.
import { VaultError } from "../error.ts";
import { hideSecret, SECRET_CHARACTERS_MIN } from "./redaction.ts";
import type { FoundSecret, SecretSource, SecretSourceName } from "./secret-source.ts";

/** As the policy declares it. */
export interface SecretDeclaration {
  readonly source: SecretSourceName;
  /** Its name there: a variable, a path, an id. */
  readonly at: string;
  readonly leaseSeconds: number;
  /** It should be replaced when it is older; null: never. */
  readonly rotateSeconds: number | null;
}

/** Never carries a value. */
export interface SecretEvent {
  readonly name: "secret.changed" | "secret.unavailable" | "secret.overdue";
  readonly at: number;
  readonly reason?: string;
  readonly detail: Readonly<Record<string, string>>;
}

export interface SecretState extends SecretDeclaration {
  readonly name: string;
  readonly state: "held" | "missing" | "unavailable" | "overdue";
  readonly changedAt: number | null;
}

export interface Secrets {
  /** The value as it counts now; undefined when its source has none. @throws VaultError `vault/secret-undeclared`, `vault/secret-unavailable`, `vault/secret-too-short` */
  read(name: string): Promise<string | undefined>;
  /** @throws VaultError `vault/secret-missing` besides */
  require(name: string): Promise<string>;
  /** Told of each new value that was found after the first. A hook that fails is told to `onFailure` and called again with the next. */
  onChange(name: string, hook: (value: string) => void | Promise<void>): void;
  /** Asks every source whose lease is over. Happens by itself. */
  renew(): Promise<void>;
  /** Asks every source now. */
  states(): Promise<readonly SecretState[]>;
  write(name: string, value: string): Promise<void>;
  close(): void;
}

export interface SecretsOptions {
  readonly declarations: Readonly<Record<string, SecretDeclaration>>;
  readonly sources: Readonly<Record<SecretSourceName, SecretSource>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly emit?: (event: SecretEvent) => void;
  /** Told of hooks that failed. */
  readonly onFailure?: (cause: unknown) => void;
  /** How often leases are looked at; 0: never, for a process that ends soon. */
  readonly everyMs?: number;
}

const EVERY_MS = 1_000;
const MS_PER_SECOND = 1_000;

interface Held {
  readonly found: FoundSecret | undefined;
  readonly readAt: number;
}

export function openSecrets(options: SecretsOptions): Secrets {
  return new OpenSecrets(options);
}

class OpenSecrets implements Secrets {
  readonly #options: SecretsOptions;
  readonly #held = new Map<string, Held>();
  readonly #reading = new Map<string, Promise<FoundSecret | undefined>>();
  readonly #hooks = new Map<string, ((value: string) => void | Promise<void>)[]>();
  /** What was told of already: one event for each outage, and one for each value that is too old. */
  readonly #told = new Map<string, string>();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(options: SecretsOptions) {
    this.#options = options;
    const { everyMs = EVERY_MS } = options;
    if (everyMs > 0) this.#timer = setInterval(() => void this.renew(), everyMs).unref();
  }

  async read(name: string): Promise<string | undefined> {
    const declared = this.#declared(name);
    const held = this.#held.get(name);
    const isLeased = held !== undefined && this.#ageMs(held) < declared.leaseSeconds * MS_PER_SECOND;
    return (isLeased ? held.found : await this.#ask(name))?.value;
  }

  async require(name: string): Promise<string> {
    const value = await this.read(name);
    if (value !== undefined) return value;
    const { source, at } = this.#declared(name);
    throw new VaultError("vault/secret-missing", {
      expected: `the secret ${name} in ${placeOf(source, at)}`,
      found: "none",
      hint: source === "vault" ? `Give it: holdfast secrets set ${name}` : "Put it there.",
    });
  }

  onChange(name: string, hook: (value: string) => void | Promise<void>): void {
    this.#declared(name);
    this.#hooks.set(name, [...(this.#hooks.get(name) ?? []), hook]);
  }

  async renew(): Promise<void> {
    for (const [name, held] of this.#held) {
      if (this.#ageMs(held) < this.#declared(name).leaseSeconds * MS_PER_SECOND) continue;
      // Whoever reads it is told; here it was an event.
      await this.#ask(name).catch(() => undefined);
    }
  }

  async states(): Promise<readonly SecretState[]> {
    const states: SecretState[] = [];
    for (const [name, declaration] of Object.entries(this.#options.declarations)) {
      const found = await this.#source(declaration)
        .read(declaration.at)
        .catch(() => null);
      if (found) hideSecret(found.value, name);
      const isShort = found ? found.value.length < SECRET_CHARACTERS_MIN : false;
      const changedAt = found?.changedAt ?? null;
      const state =
        found === null || isShort
          ? "unavailable"
          : found === undefined
            ? "missing"
            : this.#isOverdue(declaration, changedAt)
              ? "overdue"
              : "held";
      states.push({ name, ...declaration, state, changedAt });
    }
    return states;
  }

  async write(name: string, value: string): Promise<void> {
    const declaration = this.#declared(name);
    const { write } = this.#source(declaration);
    if (write === undefined) {
      throw new VaultError("vault/secret-read-only", {
        expected: `to be able to write ${name}`,
        found: `that it comes from ${placeOf(declaration.source, declaration.at)}`,
        hint: "Replace it there: it is found within its lease.",
      });
    }
    refuseShort(name, value);
    hideSecret(value, name);
    await write(declaration.at, value);
    await this.#ask(name);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** One question at a time: many who read at once wait for one answer. */
  #ask(name: string): Promise<FoundSecret | undefined> {
    const running = this.#reading.get(name);
    if (running !== undefined) return running;
    const reading = this.#askNow(name).finally(() => this.#reading.delete(name));
    this.#reading.set(name, reading);
    return reading;
  }

  async #askNow(name: string): Promise<FoundSecret | undefined> {
    const declaration = this.#declared(name);
    const before = this.#held.get(name);
    let found: FoundSecret | undefined;
    try {
      found = await this.#source(declaration).read(declaration.at);
      if (found !== undefined) refuseShort(name, found.value);
    } catch (cause) {
      this.#tell(name, "secret.unavailable", (cause as Error).name);
      const isGood = before?.found !== undefined && this.#ageMs(before) < 2 * declaration.leaseSeconds * MS_PER_SECOND;
      if (isGood) return before.found;
      throw cause;
    }
    if (found !== undefined) hideSecret(found.value, name);
    this.#held.set(name, { found, readAt: this.#options.now() });
    this.#told.delete(`${name} secret.unavailable`);
    if (before !== undefined && found !== undefined && found.value !== before.found?.value) {
      await this.#changed(name, found.value);
    }
    if (found !== undefined && this.#isOverdue(declaration, found.changedAt))
      this.#tell(name, "secret.overdue", String(found.changedAt));
    return found;
  }

  async #changed(name: string, value: string): Promise<void> {
    this.#told.delete(`${name} secret.overdue`);
    const { source, at } = this.#declared(name);
    this.#options.emit?.({
      name: "secret.changed",
      at: this.#options.now(),
      detail: { name, source: placeOf(source, at) },
    });
    for (const hook of this.#hooks.get(name) ?? []) {
      try {
        await hook(value);
      } catch (cause) {
        // One that does not take the new value keeps nobody else from it.
        this.#options.onFailure?.(cause);
      }
    }
  }

  #tell(name: string, event: SecretEvent["name"], about: string): void {
    const key = `${name} ${event}`;
    if (this.#told.get(key) === about) return;
    this.#told.set(key, about);
    const { source, at } = this.#declared(name);
    this.#options.emit?.({ name: event, at: this.#options.now(), detail: { name, source: placeOf(source, at) } });
  }

  #isOverdue({ rotateSeconds }: SecretDeclaration, changedAt: number | null): boolean {
    return (
      rotateSeconds !== null && changedAt !== null && this.#options.now() - changedAt > rotateSeconds * MS_PER_SECOND
    );
  }

  #ageMs({ readAt }: Held): number {
    return this.#options.now() - readAt;
  }

  #source({ source }: SecretDeclaration): SecretSource {
    return this.#options.sources[source];
  }

  #declared(name: string): SecretDeclaration {
    const { declarations } = this.#options;
    const declaration = Object.hasOwn(declarations, name) ? declarations[name] : undefined;
    if (declaration !== undefined) return declaration;
    throw new VaultError("vault/secret-undeclared", {
      expected: "a secret that the policy declares",
      found: JSON.stringify(name).slice(0, 80),
      hint: "Declare it under secrets in security.ts.",
    });
  }
}

const placeOf = (source: SecretSourceName, at: string): string => `${source} ${at}`;

/** What could not be taken out of a log without taking words out of every sentence is no secret to be trusted with anything. */
function refuseShort(name: string, value: string): void {
  if (value.length >= SECRET_CHARACTERS_MIN) return;
  throw new VaultError("vault/secret-too-short", {
    expected: `the secret ${name} to have at least ${SECRET_CHARACTERS_MIN} characters`,
    found: `${value.length}`,
    hint: "Choose a longer one where it is issued: a shorter one cannot be kept out of logs and errors, and is guessed.",
  });
}
