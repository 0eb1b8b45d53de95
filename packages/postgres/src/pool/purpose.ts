// One pool for each purpose: what one part of the system does too much of takes no connection from another. The numbers together
// stay below the server's `max_connections`, which start-up checks.
import type { LoginRole } from "../roles.ts";
import type { AdmissionLimits } from "./admission.ts";

export interface Purpose extends AdmissionLimits {
  readonly role: LoginRole;
}

export const purposes = {
  /** The application's services, as subjects. */
  api: { role: "holdfast_api", connectionsMax: 10, queueMax: 500, queueTimeoutMs: 5_000 },
  /** Accounts and sessions. A sign-in that hashes holds no connection meanwhile. */
  identity: { role: "holdfast_identity", connectionsMax: 10, queueMax: 500, queueTimeoutMs: 5_000 },
  /** Reads which sessions have ended: must never wait behind sign-ins. */
  watch: { role: "holdfast_identity", connectionsMax: 1, queueMax: 10, queueTimeoutMs: 5_000 },
  /** The console and its API. */
  platform: { role: "holdfast_platform", connectionsMax: 6, queueMax: 200, queueTimeoutMs: 5_000 },
  /** Writes events and everything that is made of them: must never wait behind the console. */
  events: { role: "holdfast_platform", connectionsMax: 4, queueMax: 200, queueTimeoutMs: 10_000 },
} as const satisfies Record<string, Purpose>;

export type PoolPurpose = keyof typeof purposes;

/** Connections of one Holdfast process: its pools, and one while it starts (migrations, policy). */
export const CONNECTIONS_PER_PROCESS =
  1 + Object.values(purposes).reduce((sum, { connectionsMax }) => sum + connectionsMax, 0);
