// The decisions of identity, pure and in one place. Everything else fetches, stores and answers; what is allowed is decided
// here. Whoever assembles identity may pass other functions, so that a check can be tried against a broken twin.
import type { Policy } from "@holdfast/policy";
import { normaliseEmail } from "./account/email-address.ts";
import { type AddressRange, mayReach } from "./egress/address-range.ts";
import type { WeakPasswordReason } from "./error/identity-error.ts";
import { challengePattern, isVerifierOf } from "./oauth/code-challenge.ts";
import { onceHash } from "./once/once-hash.ts";
import type { BreachAnswer } from "./password/breach-range.ts";
import { type PasswordRequirements, passwordWeaknesses } from "./password/password-policy.ts";
import { type LinkCandidate, type Linking, linking } from "./provider/linking.ts";
import { nonceHolds } from "./provider/nonce.ts";
import type { ActorKind } from "./role/actor.ts";
import { isNamedRedirect } from "./verify/named-redirect.ts";

export type Assurance = "aal1" | "aal2";

/** One way in which a session proved who it is. */
export interface Proof {
  readonly method: string;
  /** The factor or passkey it was proven with; absent for a password and other proofs that are worth aal1. */
  readonly credential?: string;
}

export interface SessionTimes {
  /** Milliseconds since 1970. */
  readonly refreshedAt: number;
  readonly notAfter: number;
}

export interface RelyingParty {
  /** Origins a ceremony may have happened at. */
  readonly origins: readonly string[];
  /** Relying party ids a credential may be bound to; the first is what new credentials are made for. */
  readonly ids: readonly string[];
}

/** Whose a WebAuthn credential is: a second factor of the account, or with null one of its passkeys. */
export interface CredentialOwner {
  readonly userId: string;
  readonly factorId: string | null;
}

export type SessionEndReason = "idle" | "absolute";

export interface SpentToken {
  /** How many rotations the presented token is behind the current one; at least 1. */
  readonly behind: number;
  readonly secondsSinceRotation: number;
  readonly reuseIntervalSeconds: number;
}

/** Who asked for a role, and for whom. */
export interface AskedRole {
  readonly requestedBy: string;
  readonly userId: string;
}

export interface KeyTimes {
  readonly retiredAt: number | null;
  readonly revokedAt: number | null;
  /** Service keys that it signed and that could still be used. */
  readonly serviceKeys: number;
}

/** An administrator who wants to act as somebody else. */
export interface ActingQuestion {
  /** As the policy says. */
  readonly isOn: boolean;
  readonly assurance: Assurance;
  readonly isAdministrator: boolean;
  /** They act as somebody else already. */
  readonly isActing: boolean;
  readonly isSelf: boolean;
  /** The person holds a role that needs approval. */
  readonly isPrivileged: boolean;
  readonly reason: string;
}

export type ActingRefusal =
  | "off"
  | "not-administrator"
  | "second-factor"
  | "acting"
  | "self"
  | "privileged"
  | "no-reason";

export interface IdentityRules {
  /** Are tokens that the signing key made still believed? */
  believesKey(key: KeyTimes, now: number): boolean;
  /** `attempts` counts the present one. */
  isLockedOut(attempts: number, allowed: number): boolean;
  /** May a spent refresh token be answered with the current one? Otherwise its session ends. */
  mayReuse(token: SpentToken): boolean;
  /** A code of time step `step` counts only while the factor's last accepted step is below this. */
  spentStepBound(step: number): number;
  /** Why the session is over, or null while it is alive. */
  sessionEnd(session: SessionTimes, idleSeconds: number, now: number): SessionEndReason | null;
  /** How many sessions an account may keep beside one that begins now. */
  sessionsBesideNewest(isSingle: boolean, sessionsMax: number): number;
  isBanned(bannedUntil: number | null, now: number): boolean;
  /** What a session is worth while its account has the factors and passkeys `held`. Asked at each use, never remembered. */
  sessionAssurance(proofs: readonly Proof[], held: readonly string[]): Assurance;
  /** What a request is worth: never more than its session, never more than its token. */
  assurance(token: Assurance, session: Assurance): Assurance;
  /** Are the data keys of a deleted account destroyed, so that no backup brings back what they sealed? */
  destroysKeys(): boolean;
  /** May the session change how somebody signs in? `isGuarded`: the account has a verified factor or a passkey (CVE-2026-3429). */
  mayChangeCredentials(assurance: Assurance, isGuarded: boolean): boolean;
  /** Did the person prove who they are lately enough to change how they sign in? */
  isRecentlyAuthenticated(authenticatedAtSeconds: number, now: number): boolean;
  /** The roles of an account somebody makes for themselves; `body` is what they sent. */
  rolesOfNewAccount(defaultRoles: readonly string[], body: unknown): readonly string[];
  /** The roles of somebody who gave neither an address nor a password; null: nobody gets in that way. */
  rolesOfAnonymous(isAllowed: boolean, defaultRoles: readonly string[]): readonly string[] | null;
  /** Whose word changes the address of an account that has one, or has none yet. */
  confirmationsOfChange(hasAddress: boolean): readonly ("current" | "new")[];
  passwordWeaknesses(
    password: string,
    requirements: PasswordRequirements,
    contextWords: readonly string[],
  ): readonly WeakPasswordReason[];
  /** What a service that knows leaked passwords means for a new one. No answer must not let it pass. */
  breachVerdict(seen: BreachAnswer): "accept" | "refuse" | "unavailable";
  /** Is a password compared with a decoy where no account has the address? Otherwise the time tells that nobody has it. */
  comparesForUnknown(): boolean;
  /** Does a stored hash stay when its owner signs in? `isCurrent`: it has the scheme and cost of a new one. */
  keepsHash(isCurrent: boolean): boolean;
  /** Do the account's other sessions end when its password or its factors change? */
  endsOtherSessions(change: "password" | "factor"): boolean;
  /** A one-time token counts only while it ends after this (ms). */
  expiryBound(now: number): number;
  /** Wrong guesses at a code after which it is dead. */
  codeGuessesMax(usual: number): number;
  /** May something be fetched from an address of this range? `allowsLoopback`: the policy itself names an issuer on this machine (GHSA-5rr4-8452-hf4v). */
  mayReach(range: AddressRange, allowsLoopback: boolean): boolean;
  /** Is an ID token believed whose provider cannot be asked for its keys (GHSA-8fpg-xm3f-6cx3)? */
  believesWithoutKeys(): boolean;
  /** Does whoever links an identity take it from the account that has it (CVE-2026-9087)? */
  takesLinkedIdentity(): boolean;
  /** What is stored of something that is used once: whoever reads it must not find six digits by trying all of them. */
  onceHash(key: Uint8Array, parts: readonly string[]): Buffer;
  /** May a one-time token that is spent be redeemed once more? */
  mayRedeemAgain(): boolean;
  /** Whom the state of a sign-in by provider belongs to; `browser` is the hash of a cookie that only this browser has. */
  stateSubject(browser: string): string;
  /** What becomes of somebody a provider vouches for who has no account by that identity. */
  linking(candidate: LinkCandidate): Linking;
  /** Is the ID token's nonce the hash of the one that the client holds? Both are there, or neither. */
  nonceHolds(claimed: string | undefined, given: string | undefined): boolean;
  /** May an ID token of this audience sign in to the client with this id? */
  acceptsAudience(audience: readonly string[], clientId: string): boolean;
  /** May this redirect URI be used by a client that registered these? */
  isRegisteredRedirect(registered: readonly string[], given: string): boolean;
  /** May a client go on with this challenge (RFC 7636)? */
  isChallengeEnough(challenge: string | undefined, method: string | undefined): boolean;
  isVerifierOf(challenge: string, verifier: string | undefined): boolean;
  /** The scope of a refreshed token: what was granted, or what was asked for; null refuses. */
  scopeAtRefresh(
    granted: string,
    asked: string | undefined,
    isWithin: (asked: string, granted: string) => boolean,
  ): string | null;
  /** May the bearer of the session of this client (null: none) act as the person? */
  mayActAsPerson(client: object | null): boolean;
  /** Does whoever looks at a mailed link spend it? Programs that look at mail do. */
  isSpentByLooking(): boolean;
  /** Where mailed links begin: at the issuer of the policy, whatever a header of whoever asks claims (GHSA-3529-5m8x-rpv3). */
  linkIssuer(issuer: string, claimed: Readonly<Record<string, unknown>>): string;
  /** May a link lead there? */
  mayRedirect(url: string, policy: Policy): boolean;
  /** May pages of this origin read answers of the OAuth server? `registered`: origins of redirect URIs of public clients. */
  isClientOrigin(origin: string, registered: readonly string[]): boolean;
  /** Do numbers that begin so get text messages? No prefix means that every number does. */
  maySendTo(phone: string, prefixes: readonly string[]): boolean;
  /** The one spelling of an address; whether it is one is looked at afterwards (GHSA-7rqj-j65f-68wh). */
  spelling(given: string): string;
  /** Does a sign-up of an address that waits for its confirmation keep the password of the first one? */
  keepsFirstAttempt(): boolean;
  /** Does a refusal tell that nobody has the address? */
  revealsUnknownAccounts(): boolean;
  /** May a role be given without somebody else's approval? */
  mayGrantAlone(needsApproval: boolean, actor: ActorKind): boolean;
  /** May this administrator approve or refuse the request? */
  mayDecide(request: AskedRole, approver: string): boolean;
  /** Is a request decided again that was decided already? */
  decidesAgain(): boolean;
  /** May somebody else set the account's password, address or factors? */
  mayResetCredentials(isPrivileged: boolean, actor: ActorKind): boolean;
  /** Why an administrator may not act as somebody, or null. */
  actingRefusal(question: ActingQuestion): ActingRefusal | null;
  /** How long somebody acts as somebody else, who asked for so many seconds. */
  actingSeconds(asked: number | undefined): number;
  /** May whoever acts as somebody else call this endpoint of identity in their name? `"GET /user"`. */
  mayWhileActing(endpoint: string): boolean;
  /** Do an account's sessions end when a role is taken away? */
  endsSessionsWithRole(): boolean;
  /**
   * Do an account's sessions end when it is given a role? A session that somebody stole from an ordinary person must not become a
   * privileged one's (OWASP Session Management, "renew the session id after any privilege level change"; ASVS 5.0 §7.2.4).
   */
  endsSessionsWithGrant(isPrivileged: boolean): boolean;
  /** Where a WebAuthn ceremony must have happened: what the policy says, whatever the client claims. */
  relyingParty(origin: string, claimedOrigin: string): RelyingParty;
  /** Must the authenticator have verified the person (PIN, fingerprint), beside their presence? */
  requiresUserVerification(use: "passkey" | "factor"): boolean;
  /** A signature with counter `given` counts only while the credential's stored counter is below this (WebAuthn Level 3 §6.1.1). */
  signCountBound(given: number): number;
  /** May a credential of `owner` answer where one of `expected` is asked for? */
  ownsCredential(owner: CredentialOwner, expected: CredentialOwner): boolean;
}

const millisecondsPerSecond = 1000;
/** ASVS 5.0 §7.5.1: how you sign in changes only after signing in. */
const recentAuthenticationSeconds = 15 * 60;

/** The longest life of an access token that a policy can ask for. */
const accessTokenSecondsMax = 3600;

const actingSecondsUsual = 15 * 60;
const actingSecondsMax = 30 * 60;
const actingReasonCharactersMin = 3;
/** Whatever says or changes how the person signs in is theirs. */
const endpointsWhileActing: ReadonlySet<string> = new Set(["GET /user", "GET /user/sessions", "POST /logout"]);

export const identityRules: IdentityRules = {
  believesKey: ({ retiredAt, revokedAt, serviceKeys }, now) => {
    if (revokedAt !== null) return false;
    return retiredAt === null || serviceKeys > 0 || now < retiredAt + accessTokenSecondsMax * millisecondsPerSecond;
  },
  isLockedOut: (attempts, allowed) => attempts > allowed,
  mayReuse: ({ behind, secondsSinceRotation, reuseIntervalSeconds }) =>
    behind === 1 && secondsSinceRotation >= 0 && secondsSinceRotation <= reuseIntervalSeconds,
  spentStepBound: (step) => step,
  sessionEnd: ({ refreshedAt, notAfter }, idleSeconds, now) => {
    if (now >= notAfter) return "absolute";
    return now >= refreshedAt + idleSeconds * millisecondsPerSecond ? "idle" : null;
  },
  sessionsBesideNewest: (isSingle, sessionsMax) => (isSingle ? 0 : sessionsMax - 1),
  isBanned: (bannedUntil, now) => bannedUntil !== null && bannedUntil > now,
  sessionAssurance: (proofs, held) =>
    proofs.some(({ credential }) => credential !== undefined && held.includes(credential)) ? "aal2" : "aal1",
  assurance: (token, session) => (token === "aal2" && session === "aal2" ? "aal2" : "aal1"),
  destroysKeys: () => true,
  mayChangeCredentials: (assurance, isGuarded) => !isGuarded || assurance === "aal2",
  isRecentlyAuthenticated: (authenticatedAtSeconds, now) =>
    now - authenticatedAtSeconds * millisecondsPerSecond <= recentAuthenticationSeconds * millisecondsPerSecond,
  rolesOfNewAccount: (defaultRoles) => defaultRoles,
  rolesOfAnonymous: (isAllowed) => (isAllowed ? [] : null),
  confirmationsOfChange: (hasAddress) => (hasAddress ? ["current", "new"] : ["new"]),
  passwordWeaknesses,
  breachVerdict: (seen) => {
    if (seen === "unavailable") return "unavailable";
    return seen > 0 ? "refuse" : "accept";
  },
  comparesForUnknown: () => true,
  keepsHash: (isCurrent) => isCurrent,
  endsOtherSessions: () => true,
  expiryBound: (now) => now,
  codeGuessesMax: (usual) => usual,
  mayReach,
  believesWithoutKeys: () => false,
  takesLinkedIdentity: () => false,
  onceHash,
  mayRedeemAgain: () => false,
  stateSubject: (browser) => browser,
  linking,
  nonceHolds,
  acceptsAudience: (audience, clientId) => audience.length === 1 && audience[0] === clientId,
  isRegisteredRedirect: (registered, given) => registered.includes(given),
  isChallengeEnough: (challenge, method) => method === "S256" && challengePattern.test(challenge ?? ""),
  isVerifierOf,
  scopeAtRefresh: (granted, asked, isWithin) => {
    if (asked === undefined) return granted;
    return isWithin(asked, granted) ? asked : null;
  },
  mayActAsPerson: (client) => client === null,
  isSpentByLooking: () => false,
  linkIssuer: (issuer) => issuer,
  mayRedirect: isNamedRedirect,
  isClientOrigin: (origin, registered) => registered.includes(origin),
  maySendTo: (phone, prefixes) => prefixes.length === 0 || prefixes.some((prefix) => phone.startsWith(prefix)),
  spelling: normaliseEmail,
  keepsFirstAttempt: () => false,
  revealsUnknownAccounts: () => false,
  mayGrantAlone: (needsApproval, actor) => !needsApproval || actor === "operator",
  mayDecide: ({ requestedBy, userId }, approver) => approver !== requestedBy && approver !== userId,
  decidesAgain: () => false,
  mayResetCredentials: (isPrivileged, actor) => !isPrivileged || actor === "operator",
  endsSessionsWithRole: () => true,
  endsSessionsWithGrant: (isPrivileged) => isPrivileged,
  actingRefusal: ({ isOn, assurance, isAdministrator, isActing, isSelf, isPrivileged, reason }) => {
    if (!isOn) return "off";
    if (!isAdministrator) return "not-administrator";
    if (assurance !== "aal2") return "second-factor";
    if (isActing) return "acting";
    if (isSelf) return "self";
    if (isPrivileged) return "privileged";
    return reason.length < actingReasonCharactersMin ? "no-reason" : null;
  },
  actingSeconds: (asked = actingSecondsUsual) => Math.min(asked, actingSecondsMax),
  mayWhileActing: (endpoint) => endpointsWhileActing.has(endpoint),
  relyingParty: (origin) => ({ origins: [origin], ids: [new URL(origin).hostname] }),
  // A passkey stands for password and second factor at once; a second factor comes after a password.
  requiresUserVerification: (use) => use === "passkey",
  // An authenticator without a counter sends zero for ever.
  signCountBound: (given) => Math.max(given, 1),
  ownsCredential: (owner, expected) => owner.userId === expected.userId && owner.factorId === expected.factorId,
};
