// Sends a browser to a provider, for a sign-in or to link an identity. State, nonce and PKCE verifier are made for this one
// attempt, and what comes back is good only for the browser that left (RFC 9700 §4.7) and the provider it left for.
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { issueOnce } from "../once/once.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { randomToken } from "./random-token.ts";
import { returnUrl } from "./return-url.ts";

/** How long a person may stay at the provider. */
export const stateSeconds = 600;

export interface SignInWish {
  readonly provider: string;
  readonly redirectTo: string | undefined;
  /** Separated by spaces. */
  readonly scopes: string | undefined;
  readonly codeChallenge: string | undefined;
  readonly codeChallengeMethod: string | undefined;
  /** The person who links, and the session they do it in. */
  readonly link: { readonly userId: string; readonly sessionId: string } | null;
}

/** What is remembered of an attempt until the browser is back. */
export interface Attempt {
  readonly provider: string;
  readonly redirectTo: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** Null: the session is given in the fragment. */
  readonly codeChallenge: string | null;
  readonly link: SignInWish["link"];
}

export const callbackUrl = (context: IdentityContext): string => `${context.issuer}/callback`;

const scopePattern = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;
const scopesMax = 16;

function readScopes(text: string | undefined): readonly string[] {
  const scopes = (text ?? "").split(/[ ,]/).filter((scope) => scope !== "");
  if (scopes.length > scopesMax || !scopes.every((scope) => scopePattern.test(scope))) {
    throw new IdentityError("validation_failed", { message: "scopes are not a list of scopes" });
  }
  return scopes;
}

function challengeOf(context: IdentityContext, wish: SignInWish): string | null {
  const { codeChallenge, codeChallengeMethod: method } = wish;
  if (codeChallenge === undefined && method === undefined) return null;
  // auth-js writes the method in lower case.
  if (!context.rules.isChallengeEnough(codeChallenge, method?.toUpperCase())) {
    const message = "code_challenge must be the S256 hash of the verifier, and code_challenge_method S256";
    throw new IdentityError("validation_failed", { message });
  }
  return codeChallenge ?? null;
}

/** @param browser the hash of the browser's mark. @throws IdentityError oauth_provider_not_supported, validation_failed, bad_oauth_callback */
export async function beginProviderSignIn(
  context: IdentityContext,
  caller: Caller,
  wish: SignInWish,
  browser: string,
): Promise<string> {
  const provider = context.providers.get(wish.provider);
  if (provider === undefined) {
    emitEvent(context, caller, "provider.refused", { reason: "provider-unknown" });
    throw new IdentityError("oauth_provider_not_supported");
  }
  const redirectTo = returnUrl(context.policy, wish.redirectTo);
  if (redirectTo === null) {
    emitEvent(context, caller, "provider.refused", { reason: "redirect-unknown", detail: { provider: wish.provider } });
    throw new IdentityError("validation_failed", { message: "redirect_to is not one of the policy's redirects" });
  }
  const scopes = readScopes(wish.scopes);
  const attempt: Attempt = {
    provider: provider.name,
    redirectTo,
    nonce: randomToken(),
    codeVerifier: randomToken(),
    codeChallenge: challengeOf(context, wish),
    link: wish.link,
  };
  const { secret: state } = await issueOnce(context, {
    purpose: "provider-state",
    subject: context.rules.stateSubject(browser),
    userId: wish.link?.userId ?? null,
    seconds: stateSeconds,
    payload: { ...attempt },
    secret: "token",
  });
  const { nonce, codeVerifier } = attempt;
  try {
    const url = await provider.authorizationUrl({
      redirectUri: callbackUrl(context),
      state,
      nonce,
      codeVerifier,
      scopes,
    });
    return url.href;
  } catch (cause) {
    // Its discovery document could not be had: nothing of ours is wrong, and nobody signs in.
    emitEvent(context, caller, "provider.refused", { reason: "provider-silent", detail: { provider: provider.name } });
    throw new IdentityError("bad_oauth_callback", { message: "The provider cannot be reached", cause });
  }
}
