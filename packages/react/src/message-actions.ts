// What somebody does by way of a message or of another provider, and what it changes in this browser.
import type { AuthState } from "./auth-state.ts";
import type { SessionAnswer } from "./identity-answer.ts";
import type { IdentityClient } from "./identity-client.ts";
import type { MessageClient, MessagePurpose } from "./message-client.ts";
import type { ProviderClient } from "./provider-client.ts";
import type { SessionStore } from "./session-store.ts";

export interface MessageActions
  extends Pick<
    MessageClient & ProviderClient,
    "requestSignIn" | "requestRecovery" | "resendConfirmation" | "providerAddress" | "linkAddress"
  > {
  /** Signs in with the code of a message. */
  redeemCode(purpose: MessagePurpose, email: string, code: string): Promise<AuthState>;
  /** Takes up the session whose cookies the browser was given on the way here, as the link of a message does. */
  resume(): Promise<AuthState>;
  /** Signs in with the code that a provider's sign-in came back with. */
  exchangeCode(code: string): Promise<AuthState>;
  unlinkIdentity(identityId: string): Promise<void>;
  /** A new password in a session that a message began. */
  choosePassword(password: string): Promise<void>;
  /** Asks for another address: it counts once it is confirmed. */
  changeEmail(email: string): Promise<void>;
}

export interface MessageParts {
  readonly store: SessionStore;
  readonly identity: IdentityClient;
  readonly messages: MessageClient;
  readonly providers: ProviderClient;
  /** Tells the other tabs that somebody else is signed in. */
  readonly tellTabs: () => void;
  readonly readAccount: () => Promise<AuthState>;
}

export function messageActions(parts: MessageParts): MessageActions {
  const { store, identity, messages, providers, tellTabs, readAccount } = parts;
  const opened = async (answer: SessionAnswer) => {
    // What it is worth beside the mailbox is read afterwards.
    store.opened(answer.user, answer.expires_in, "aal1");
    tellTabs();
    return await readAccount();
  };
  return {
    requestSignIn: messages.requestSignIn,
    requestRecovery: messages.requestRecovery,
    resendConfirmation: messages.resendConfirmation,
    providerAddress: providers.providerAddress,
    linkAddress: providers.linkAddress,
    redeemCode: async (purpose, email, code) => opened(await messages.redeemCode(purpose, email, code)),
    resume: async () => opened(await identity.refresh()),
    exchangeCode: async (code) => opened(await providers.exchangeCode(code)),
    async unlinkIdentity(identityId) {
      await providers.unlinkIdentity(identityId);
      await readAccount();
    },
    async choosePassword(password) {
      store.changed(await messages.choosePassword(password), store.getState().assurance);
    },
    async changeEmail(email) {
      store.changed(await messages.changeEmail(email), store.getState().assurance);
    },
  };
}
