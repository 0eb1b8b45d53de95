import type { EmitEvent, Policy } from "@holdfast/policy";
import type { RateLimiter } from "./rate-limit.ts";
import type { ResponseHeaders } from "./response-headers.ts";
import type { Site } from "./site.ts";
import type { TokenVerifier, VerifiedToken } from "./token-verifier.ts";
import type { Upstream } from "./upstream-connection.ts";

/** What all requests of one gateway share: made at boot, only read afterwards (limiters and caches apart). */
export interface GatewayRuntime {
  readonly policy: Policy;
  /** `host[:port]` of the policy's origin, as a Host field must spell it. */
  readonly host: string;
  readonly origin: string;
  readonly verifier: TokenVerifier;
  /** A newer token of the same session where one says more; null where the presented one says all. */
  readonly renew: ((token: VerifiedToken) => Promise<string | null> | null) | undefined;
  readonly headers: ResponseHeaders;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly sites: ReadonlyMap<string, Site>;
  /** Every request of an address, whatever it asks for. */
  readonly addressLimiter: RateLimiter;
  /** Requests of an address that named nothing we know. */
  readonly unknownLimiter: RateLimiter;
  /** Tokens of an address that turned out to be invalid. */
  readonly tokenFailureLimiter: RateLimiter;
  readonly requestsPerConnectionMax: number;
  /** How long a client may read nothing of an answer that a service is giving. */
  readonly unreadMsMax: number;
  readonly now: () => number;
  readonly emit: EmitEvent;
}
