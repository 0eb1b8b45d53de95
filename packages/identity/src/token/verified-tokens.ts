// Tokens whose signature was verified, so that it is verified once and not with every request of the same person (140 us of what
// GET /user costs). Only what can never change is remembered: that this text was signed by this key. Times, the key itself and
// everything about the session are asked anew each time. Texts are not kept, their digests are.
import { hash } from "node:crypto";

interface Remembered<Claims> {
  readonly kid: string;
  readonly key: object;
  readonly claims: Claims;
}

/** What stays valid of a token's claims until a time that it names itself, in seconds since 1970. */
interface Timed {
  readonly iss?: string;
  readonly exp?: number;
  readonly nbf?: number;
}

const TOKENS_MAX = 2_000;

export class VerifiedTokens<Claims extends Timed> {
  readonly #known = new Map<string, Remembered<Claims>>();

  /** The claims of a text that was verified by a key that is still `keyOf` its id, for the same issuer, and not yet over at `now` (s). */
  find(token: string, issuer: string, keyOf: (kid: string) => object | undefined, now: number): Claims | undefined {
    const digest = hash("sha256", token, "base64url");
    const found = this.#known.get(digest);
    if (found === undefined) return undefined;
    const { iss, exp = 0, nbf = now } = found.claims;
    if (keyOf(found.kid) === found.key && iss === issuer && exp > now && nbf <= now) return found.claims;
    this.#known.delete(digest);
    return undefined;
  }

  /** Remembers what was just verified; forgets what was verified longest ago when there is too much. */
  keep(token: string, kid: string, key: object, claims: Claims): void {
    this.#known.set(hash("sha256", token, "base64url"), { kid, key, claims: Object.freeze(claims) });
    if (this.#known.size > TOKENS_MAX) this.#known.delete(this.#known.keys().next().value as string);
  }
}
