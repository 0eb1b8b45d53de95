// The browser's side where accounts live in a hosted Supabase project: the project's own client keeps the session and signs in; here
// its token goes along with requests to this origin, and guards, hooks and permissions work as they do with our own identity.
import type { AuthState } from "./auth-state.ts";
import { browserSurroundings } from "./browser-surroundings.ts";
import { decide, guardOutcome, type Known, type Requirement } from "./guard.ts";
import type { Holdfast, HoldfastOptions } from "./holdfast.ts";
import { accountOf, type HostedAuth, type HostedSession } from "./hosted-auth.ts";
import { ReactError } from "./react-error.ts";
import { createSecureFetch } from "./secure-fetch.ts";
import { sessionHints } from "./session-hint.ts";
import { createSessionStore } from "./session-store.ts";
import type { RefreshOutcome } from "./single-refresh.ts";
import { requireSite } from "./site.ts";

const MS_PER_SECOND = 1000;
const REFUSED_FROM = 400;
const REFUSED_UNTIL = 500;

export interface HostedHoldfastOptions extends HoldfastOptions {
  /** `createClient(url, key).auth`. */
  readonly auth: HostedAuth;
}

/** What a hosted project's own client does. */
const elsewhere = [
  "signUp",
  "changePassword",
  "deleteAccount",
  "enrolTotp",
  "verifyTotp",
  "removeFactor",
  "signInWithPasskey",
  "addPasskey",
  "listPasskeys",
  "renamePasskey",
  "removePasskey",
  "enrolPhone",
  "challengePhone",
  "verifyPhone",
  "enrolKey",
  "verifyKey",
  "recoveryCodesStatus",
  "makeRecoveryCodes",
  "remakeRecoveryCodes",
  "removeRecoveryCodes",
  "redeemRecoveryCode",
  "listSessions",
  "revokeSession",
  "requestSignIn",
  "requestRecovery",
  "resendConfirmation",
  "redeemCode",
  "resume",
  "choosePassword",
  "changeEmail",
  "providerAddress",
  "linkAddress",
  "exchangeCode",
  "unlinkIdentity",
] as const satisfies readonly (keyof Holdfast)[];

type Elsewhere = (typeof elsewhere)[number];

const refuse = (name: Elsewhere) => async (): Promise<never> => {
  throw new ReactError(
    "react/hosted",
    `${name} is the hosted project's: accounts do not live here.`,
    "Call it on the project's own client, such as supabase.auth; the state here follows.",
  );
};

/** Throws ReactError `react/site-unknown`. Every action that is not the session's own rejects with `react/hosted`. */
export function createHostedHoldfast(options: HostedHoldfastOptions): Holdfast {
  const { policy, site, auth } = options;
  requireSite(policy, site);
  const around = options.surroundings ?? browserSurroundings();
  // The project's client remembers; nothing is kept twice.
  const store = createSessionStore(sessionHints(null), around.now);
  let token: string | null = null;
  let expiresAt: number | null = null;

  function adopt(session: HostedSession | null): AuthState {
    const account = session === null ? null : accountOf(session);
    token = account === null ? null : (session?.access_token ?? null);
    expiresAt = token === null || session?.expires_at === undefined ? null : session.expires_at * MS_PER_SECOND;
    if (account === null) store.ended();
    else store.changed(account.user, account.assurance);
    return store.getState();
  }

  /** A failure of the network says nothing about the session. */
  function settle({ data, error }: Awaited<ReturnType<HostedAuth["getSession"]>>): RefreshOutcome {
    if (error !== null && error !== undefined && !isRefusal(error)) {
      store.unreachable();
      return "unreachable";
    }
    return adopt(data.session).status === "signed-in" ? "renewed" : "ended";
  }

  const read = async (): Promise<AuthState> => {
    settle(await auth.getSession());
    return store.getState();
  };
  const fetchWithToken: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    if (token !== null) headers.set("authorization", `Bearer ${token}`);
    return around.fetch(input, { ...init, headers, credentials: "omit" });
  };
  const secureFetch = createSecureFetch({
    fetch: fetchWithToken,
    origin: around.origin,
    now: around.now,
    wait: around.wait,
    accessExpiresAt: () => expiresAt,
    refresh: async () => settle(await auth.refreshSession()),
  });
  let firstRead: Promise<AuthState> | null = null;
  const ready = () => {
    firstRead ??= read();
    return firstRead.then(() => store.getState());
  };
  const guard = (requirement: Requirement, known: Known = {}) =>
    guardOutcome(policy, store.getState(), requirement, known, around.now());
  const refused = Object.fromEntries(elsewhere.map((name) => [name, refuse(name)])) as unknown as Pick<
    Holdfast,
    Elsewhere
  >;

  return {
    ...refused,
    policy,
    site,
    hasAuthenticators: false,
    getState: store.getState,
    subscribe: store.subscribe,
    ready,
    guard,
    refresh: read,
    can: (requirement, known = {}) =>
      store.getState().status === "signed-in" &&
      decide(policy, store.getState().subject, requirement, known, around.now()).allowed,
    async guardPage(page) {
      await ready();
      return guard({ kind: "page", site, page });
    },
    // A request that comes before the first look would go without the token.
    secureFetch: async (path, request) => {
      await ready();
      return await secureFetch(path, request);
    },
    async signIn(email, password) {
      const { data, error } = await auth.signInWithPassword({ email, password });
      if (error !== null && error !== undefined) throw error;
      return adopt(data.session);
    },
    async signOut(scope = "local") {
      const { error } = await auth.signOut({ scope });
      if (error !== null && error !== undefined) throw error;
      if (scope !== "others") adopt(null);
    },
    watch() {
      const { subscription } = auth.onAuthStateChange((_event, session) => void adopt(session)).data;
      return () => subscription.unsubscribe();
    },
  };
}

function isRefusal(error: unknown): boolean {
  const { status } = error as { readonly status?: unknown };
  return typeof status === "number" && status >= REFUSED_FROM && status < REFUSED_UNTIL;
}
