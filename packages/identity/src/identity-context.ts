// What every route works with: the policy, the rooms below, and the rules. Assembled once in identity.ts.
import type { EmitEvent, Policy } from "@holdfast/policy";
import type { Database } from "./database.ts";
import type { Outbox } from "./message/outbox.ts";
import type { BreachRange } from "./password/breach-range.ts";
import type { PasswordHasher } from "./password/password-hasher.ts";
import type { Provider } from "./provider/provider.ts";
import type { IdentityRules } from "./rules.ts";
import type { TokenIssuer } from "./token/access-token.ts";

/** Told at once when sessions end: their access tokens must be refused until `until` (ms). Must not throw. */
export type OnSessionEnded = (sessionIds: readonly string[], until: number) => void;

/** Destroys the data keys of a deleted account; whoever has none loses none. Asked again when it fails, and an hour later. */
export type DestroyKeys = (userId: string) => Promise<void>;

/** Told at once when an account was given a role: access tokens signed before `at` (ms) say too little. Must not throw. */
export type OnRolesChanged = (userId: string, at: number) => void;

export interface IdentityContext extends TokenIssuer {
  readonly policy: Policy;
  readonly database: Database;
  /** The providers of the policy, by name. */
  readonly providers: ReadonlyMap<string, Provider>;
  readonly hasher: PasswordHasher;
  readonly outbox: Outbox;
  /** Null: only the list that is shipped is known. */
  readonly breachRange: BreachRange | null;
  readonly rules: IdentityRules;
  readonly emit: EmitEvent;
  readonly onSessionEnded: OnSessionEnded;
  readonly onRolesChanged: OnRolesChanged;
  readonly destroyKeys: DestroyKeys;
  /** Told when the key that signs is another one. */
  readonly onKeysChanged: () => Promise<void>;
  /** How long the one refresh token before the current one may be sent again. */
  readonly reuseIntervalSeconds: number;
}
