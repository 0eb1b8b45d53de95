// WebAuthn in the browser: what the server asks is given to the browser as it is, and what the browser answers goes back as it is.
import { ReactError } from "./react-error.ts";

/** The authenticators a browser reaches: this device, a phone, a security key. */
export interface Authenticators {
  /** A new credential, as JSON. Rejects with ReactError `react/passkey-cancelled`. */
  create(options: unknown): Promise<unknown>;
  /** An answer of an existing credential, as JSON. Rejects with ReactError `react/passkey-cancelled`. */
  get(options: unknown): Promise<unknown>;
}

interface JsonCredential extends Credential {
  toJSON(): unknown;
}

/** Null where the browser has no WebAuthn Level 3, or the page is not in a secure context. */
export function browserAuthenticators(): Authenticators | null {
  const credentials = globalThis.navigator?.credentials as CredentialsContainer | undefined;
  const Kind = globalThis.PublicKeyCredential as typeof PublicKeyCredential | undefined;
  if (credentials === undefined || typeof Kind?.parseCreationOptionsFromJSON !== "function") return null;
  return {
    create: async (options) => {
      const publicKey = Kind.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON);
      return await answered(() => credentials.create({ publicKey }));
    },
    get: async (options) => {
      const publicKey = Kind.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
      return await answered(() => credentials.get({ publicKey }));
    },
  };
}

async function answered(ask: () => Promise<Credential | null>): Promise<unknown> {
  try {
    const credential = (await ask()) as JsonCredential | null;
    if (credential !== null) return credential.toJSON();
  } catch (cause) {
    // A browser does not tell apart whether the person said no, let the time pass or has no such credential, on purpose.
    const isKnown = cause instanceof DOMException && cause.name === "InvalidStateError";
    if (isKnown) {
      throw new ReactError("react/passkey-known", "This device is known already.", "Use it to sign in.", { cause });
    }
    throw cancelled(cause);
  }
  throw cancelled(undefined);
}

const cancelled = (cause: unknown) =>
  new ReactError("react/passkey-cancelled", "The prompt was closed or timed out.", "Try again.", { cause });

export function requireAuthenticators(authenticators: Authenticators | null): Authenticators {
  if (authenticators !== null) return authenticators;
  throw new ReactError(
    "react/passkey-unsupported",
    "This browser cannot use passkeys.",
    "Use another browser, or another way to sign in.",
  );
}
