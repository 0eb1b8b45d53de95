// What one connection has sent lately to say who is asking. A proof holds for its connection, role and claims until it expires,
// so the next request of the same subject on the same connection may send the same bytes.
import { type ClaimKey, claimProof, type ProofScope } from "./claim-proof.ts";
import { claimsMessage } from "./claims-message.ts";

/**
 * Milliseconds that a proof holds: longer than the longest transaction (60 s), and for clocks that differ a little. It is useless
 * on any other connection. Whoever records that a session ended keeps the record at least this long.
 */
export const PROOF_LIFETIME_MS = 300_000;
/** A proof is used again for this long, so that it always has enough life left for a whole transaction. */
const REUSE_MS = 120_000;
const MESSAGES_MAX = 64;

/** Who is asking, checked and as text. `claims` is "" for nobody. */
export interface SubjectText {
  readonly role: ProofScope["role"];
  readonly subject: string;
  readonly session: string;
  readonly claims: string;
}

interface Kept {
  readonly message: Uint8Array;
  readonly madeAt: number;
}

export class ClaimsCache {
  readonly #statement: string;
  readonly #kept = new Map<string, Kept>();

  /** @param statement the name of the connection's claims statement */
  constructor(statement: string) {
    this.#statement = statement;
  }

  /** The message for these claims on this connection. `now` in milliseconds since 1970. */
  message(
    claimKey: ClaimKey,
    { role, subject, session, claims }: SubjectText,
    backendPid: number,
    now: number,
  ): Uint8Array {
    const known = this.#kept.get(claims);
    // A clock that jumped back makes an old proof look new: a proof from the future is not used.
    if (known !== undefined && now >= known.madeAt && now - known.madeAt < REUSE_MS) return known.message;
    const scope = { role, subject, session, backendPid, expiresAt: now + PROOF_LIFETIME_MS };
    const proof = claims === "" ? "" : claimProof(claimKey, claims, scope);
    const message = claimsMessage(this.#statement, [role, claims, proof]);
    this.#kept.delete(claims);
    this.#kept.set(claims, { message, madeAt: now });
    if (this.#kept.size > MESSAGES_MAX) this.#kept.delete(this.#kept.keys().next().value as string);
    return message;
  }
}
