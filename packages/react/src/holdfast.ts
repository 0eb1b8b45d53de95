// The browser's side of a session, without React: one object that an application makes once, gives to HoldfastProvider, and
// can ask from a router. It never sees a token, and what it decides only hides; the server decides again.
import type { Condition, Policy } from "@holdfast/policy";
import type { AuthState } from "./auth-state.ts";
import { browserSurroundings, type Surroundings } from "./browser-surroundings.ts";
import { type CredentialClient, credentialClient } from "./credential-client.ts";
import { decide, type GuardOutcome, guardOutcome, type Known, type Requirement } from "./guard.ts";
import type { SessionAnswer } from "./identity-answer.ts";
import { type IdentityClient, identityClient, type SignOutScope } from "./identity-client.ts";
import { type MessageActions, messageActions } from "./message-actions.ts";
import { messageClient } from "./message-client.ts";
import { ProblemError } from "./problem-error.ts";
import { providerClient } from "./provider-client.ts";
import { createSecureFetch, type SecureFetch } from "./secure-fetch.ts";
import { sessionHints } from "./session-hint.ts";
import { createSessionStore, type SessionStore } from "./session-store.ts";
import { createSingleRefresh, type RefreshOutcome } from "./single-refresh.ts";
import { requireSite } from "./site.ts";
import { tabChannel } from "./tab-channel.ts";

/** Coming back to the window asks again who is signed in, but not more often than this. */
const FOCUS_INTERVAL_MS = 15_000;

export interface HoldfastOptions {
  /** The whole policy, or what `policyForBrowser` leaves of it. */
  readonly policy: Policy;
  /** Which of the policy's sites this is; names its sign-in and unauthorized pages. */
  readonly site: string;
  /** What a browser offers; tests give their own. */
  readonly surroundings?: Surroundings;
}

export interface Holdfast extends MessageActions {
  readonly policy: Policy;
  readonly site: string;
  readonly secureFetch: SecureFetch;
  getState(): AuthState;
  /** Calls `listener` after every change; returns how to stop. */
  subscribe(listener: () => void): () => void;
  /** Asks who is signed in, once; resolves when the status is no longer "loading". */
  ready(): Promise<AuthState>;
  /** Whether the policy allows it now. False while anything is unknown. */
  can(requirement: Requirement, known?: Known): boolean;
  guard(requirement: Requirement, known?: Known): GuardOutcome;
  /** Waits until the state is known, then decides about a page of this site, for example `/content/:id`. */
  guardPage(page: string): Promise<GuardOutcome>;
  /** Reads the account again: roles and factors may have changed, the session may have been ended elsewhere. */
  refresh(): Promise<AuthState>;
  signIn(email: string, password: string): Promise<AuthState>;
  /**
   * Makes an account. Where the policy wants addresses confirmed, a message goes out and nobody is signed in yet, whether the
   * address was free or not. Elsewhere it signs in, and an address that was taken is refused as a wrong password is
   * (`invalid_credentials`), unless the password is its own.
   */
  signUp(email: string, password: string): Promise<AuthState>;
  signOut(scope?: SignOutScope): Promise<void>;
  changePassword(password: string, currentPassword: string): Promise<void>;
  /** Deletes one's own account. Refused without a second factor where there is one, and long after signing in. */
  deleteAccount(): Promise<void>;
  enrolTotp(friendlyName: string): ReturnType<IdentityClient["enrolTotp"]>;
  verifyTotp(factorId: string, code: string): Promise<AuthState>;
  removeFactor(factorId: string): Promise<void>;
  /** With the passkey that the person chooses; the session is worth a second factor. */
  signInWithPasskey(): Promise<AuthState>;
  readonly hasAuthenticators: boolean;
  addPasskey: CredentialClient["addPasskey"];
  listPasskeys: CredentialClient["listPasskeys"];
  renamePasskey: CredentialClient["renamePasskey"];
  removePasskey(id: string): Promise<void>;
  /** A number as a second factor: enrolled by the first `verifyPhone`. */
  enrolPhone: CredentialClient["enrolPhone"];
  challengePhone: CredentialClient["challengePhone"];
  verifyPhone(factorId: string, challengeId: string, code: string): Promise<AuthState>;
  /** A security key as a second factor: enrolled by the first `verifyKey`. */
  enrolKey: CredentialClient["enrolKey"];
  verifyKey(factorId: string): Promise<AuthState>;
  recoveryCodesStatus: CredentialClient["recoveryCodesStatus"];
  makeRecoveryCodes(): Promise<readonly string[]>;
  remakeRecoveryCodes: CredentialClient["remakeRecoveryCodes"];
  removeRecoveryCodes(): Promise<void>;
  redeemRecoveryCode(code: string): Promise<AuthState>;
  listSessions: IdentityClient["listSessions"];
  revokeSession: IdentityClient["revokeSession"];
  /** Listens to other tabs and to the window's focus; returns how to stop. HoldfastProvider calls it. */
  watch(): () => void;
}

/** Makes the browser's side of a session. Throws ReactError `react/site-unknown` for a site the policy does not have. */
export function createHoldfast(options: HoldfastOptions): Holdfast {
  const { policy, site } = options;
  requireSite(policy, site);
  const around = options.surroundings ?? browserSurroundings();
  const hints = sessionHints(around.storage);
  const store = createSessionStore(hints, around.now);
  const tabs = tabChannel(around.Channel);
  const network = connect(around, store, hints);
  const { identity, credentials, secureFetch } = network;
  const tellTabs = () => tabs.tell({ kind: "changed" });

  const requirementHolds = (requirement: Requirement, known: Known) =>
    store.getState().status === "signed-in" &&
    decide(policy, store.getState().subject, requirement, known, around.now()).allowed;

  const readAccount = async (): Promise<AuthState> => {
    try {
      if (store.accessExpiresAt() === null) store.ended();
      else await readInto(store, identity);
    } catch (error) {
      afterFailure(store, error);
    }
    return store.getState();
  };

  let firstRead: Promise<AuthState> | null = null;
  const ready = () => {
    firstRead ??= readAccount();
    return firstRead.then(() => store.getState());
  };
  const guard = (requirement: Requirement, known: Known = {}) =>
    guardOutcome(policy, store.getState(), requirement, known, around.now());

  return {
    policy,
    site,
    secureFetch,
    getState: store.getState,
    subscribe: store.subscribe,
    ready,
    can: (requirement, known = {}) => requirementHolds(requirement, known),
    guard,
    async guardPage(page) {
      await ready();
      return guard({ kind: "page", site, page });
    },
    refresh: readAccount,
    ...accountActions(policy, store, identity, tabs, readAccount),
    ...messageActions({ ...network, store, tellTabs, readAccount }),
    ...credentialActions(store, credentials, tabs, readAccount),
    hasAuthenticators: (around.authenticators ?? null) !== null,
    listSessions: identity.listSessions,
    revokeSession: identity.revokeSession,
    watch: () => watch(around, store, tabs, readAccount),
  };
}

/** A condition that holds for whoever holds one of `roles`; for nobody when the list is empty. */
export function anyRole(roles: readonly string[]): Condition {
  if (roles.length === 0) return { kind: "nobody" };
  return { kind: "any", of: roles.map((role) => ({ kind: "role", role })) };
}

function connect(around: Surroundings, store: SessionStore, hints: ReturnType<typeof sessionHints>) {
  const common = { fetch: around.fetch, origin: around.origin, now: around.now, wait: around.wait };
  const never = (): Promise<RefreshOutcome> => Promise.resolve("ended");
  const direct = createSecureFetch({ ...common, accessExpiresAt: () => null, refresh: never });
  const exchange = async (): Promise<RefreshOutcome> => {
    try {
      const answer = await identity.refresh();
      store.renewed(answer.user, answer.expires_in);
      return "renewed";
    } catch (error) {
      if (!isRefusal(error)) return "unreachable";
      store.ended();
      return "ended";
    }
  };
  const refresh = createSingleRefresh({ exchange, hints, now: around.now, locks: around.locks });
  const secureFetch = createSecureFetch({ ...common, accessExpiresAt: store.accessExpiresAt, refresh });
  const identity: IdentityClient = identityClient(direct, secureFetch);
  const credentials = credentialClient(direct, secureFetch, around.authenticators ?? null);
  const messages = messageClient(direct, secureFetch);
  const providers = providerClient(direct, secureFetch, around);
  return { identity, credentials, messages, providers, secureFetch };
}

/** What the session is worth is asked for: an account says nothing of its passkeys. */
async function readInto(store: SessionStore, identity: IdentityClient): Promise<void> {
  const user = await identity.readUser();
  const current = (await identity.listSessions()).find((session) => session.current);
  store.changed(user, current?.aal === "aal2" ? "aal2" : "aal1");
}

function credentialActions(
  store: SessionStore,
  credentials: CredentialClient,
  tabs: ReturnType<typeof tabChannel>,
  readAccount: () => Promise<AuthState>,
) {
  const opened = async (answer: SessionAnswer) => {
    store.opened(answer.user, answer.expires_in, "aal2");
    tabs.tell({ kind: "changed" });
    return await readAccount();
  };
  /** The session may have ended with what was removed. */
  const after = async (change: Promise<void>) => {
    await change;
    await readAccount();
  };
  return {
    ...credentials,
    signInWithPasskey: async () => opened(await credentials.signInWithPasskey()),
    removePasskey: (id: string) => after(credentials.removePasskey(id)),
    verifyPhone: async (factorId: string, challengeId: string, code: string) =>
      opened(await credentials.verifyPhone(factorId, challengeId, code)),
    verifyKey: async (factorId: string) => opened(await credentials.verifyKey(factorId)),
    async makeRecoveryCodes() {
      const codes = await credentials.makeRecoveryCodes();
      await readAccount();
      return codes;
    },
    removeRecoveryCodes: () => after(credentials.removeRecoveryCodes()),
    redeemRecoveryCode: async (code: string) => opened(await credentials.redeemRecoveryCode(code)),
  };
}

function accountActions(
  policy: Policy,
  store: SessionStore,
  identity: IdentityClient,
  tabs: ReturnType<typeof tabChannel>,
  readAccount: () => Promise<AuthState>,
) {
  const opened = (answer: Awaited<ReturnType<IdentityClient["signIn"]>>, assurance: AuthState["assurance"]) => {
    store.opened(answer.user, answer.expires_in, assurance);
    tabs.tell({ kind: "changed" });
    return store.getState();
  };
  return {
    signIn: async (email: string, password: string) => opened(await identity.signIn(email, password), "aal1"),
    async signUp(email: string, password: string) {
      await identity.signUp(email, password);
      if (policy.identity.email.confirm) return await readAccount();
      return opened(await identity.signIn(email, password), "aal1");
    },
    async signOut(scope: SignOutScope = "local") {
      try {
        await identity.signOut(scope);
      } catch (error) {
        // A session that is already over needs no ending. Any other failure must be seen: the session may still live.
        if (!(error instanceof ProblemError && error.status === 401)) throw error;
      }
      if (scope === "others") return;
      store.ended();
      tabs.tell({ kind: "signed-out" });
    },
    async changePassword(password: string, currentPassword: string) {
      store.changed(await identity.changePassword(password, currentPassword), store.getState().assurance);
    },
    async deleteAccount() {
      await identity.deleteAccount();
      store.ended();
      tabs.tell({ kind: "signed-out" });
    },
    enrolTotp: identity.enrolTotp,
    async verifyTotp(factorId: string, code: string) {
      opened(await identity.verifyTotp(factorId, code), "aal2");
      return readAccount();
    },
    async removeFactor(factorId: string) {
      await identity.removeFactor(factorId);
      await readAccount();
    },
  };
}

function watch(
  around: Surroundings,
  store: SessionStore,
  tabs: ReturnType<typeof tabChannel>,
  readAccount: () => Promise<AuthState>,
): () => void {
  const stopListening = tabs.listen((message) => {
    if (message.kind === "signed-out") store.ended();
    else void readAccount();
  });
  let readAt = around.now();
  const onFocus = () => {
    const { status } = store.getState();
    if (status !== "signed-in" && status !== "unreachable") return;
    if (around.now() - readAt < FOCUS_INTERVAL_MS) return;
    readAt = around.now();
    void readAccount();
  };
  around.focus?.addEventListener("focus", onFocus);
  return () => {
    stopListening();
    around.focus?.removeEventListener("focus", onFocus);
  };
}

function afterFailure(store: SessionStore, error: unknown): void {
  if (isRefusal(error)) store.ended();
  else store.unreachable();
}

/** Identity said no, as opposed to having trouble or asking to wait. */
function isRefusal(error: unknown): boolean {
  return error instanceof ProblemError && error.status >= 400 && error.status < 500 && error.status !== 429;
}
