// Where secrets that somebody gives us are kept: one interface, whatever keeps them.

/** A secret as its source holds it now. */
export interface FoundSecret {
  readonly value: string;
  /** Milliseconds since 1970; null where the source does not say. */
  readonly changedAt: number | null;
}

export const secretSources = ["vault", "environment", "file", "aws"] as const;
export type SecretSourceName = (typeof secretSources)[number];

export interface SecretSource {
  /** Undefined when there is none of that name. @throws VaultError `vault/secret-unavailable` when it cannot be told */
  read(at: string): Promise<FoundSecret | undefined>;
  /** Absent where somebody else writes. */
  write?(at: string, value: string): Promise<void>;
}

/** Longer ones are refused. */
export const SECRET_VALUE_BYTES_MAX = 64 * 1024;
