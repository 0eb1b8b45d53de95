// What a client says when it sends somebody to a provider. auth-js encodes the challenge twice, which changes nothing in it.
import { IdentityError } from "../error/identity-error.ts";
import type { SignInWish } from "../provider/begin-sign-in.ts";

const urlCharactersMax = 2000;
const parameter = { type: "string", maxLength: urlCharactersMax } as const;

export const providerQuery = {
  type: "object",
  properties: {
    provider: parameter,
    redirect_to: parameter,
    scopes: parameter,
    code_challenge: parameter,
    code_challenge_method: parameter,
    skip_http_redirect: parameter,
  },
} as const;

export interface ProviderQuery {
  readonly provider?: string;
  readonly redirect_to?: string;
  readonly scopes?: string;
  readonly code_challenge?: string;
  readonly code_challenge_method?: string;
  readonly skip_http_redirect?: string;
}

/** @throws IdentityError validation_failed */
export function readProviderQuery(query: ProviderQuery): Omit<SignInWish, "link"> {
  const { provider } = query;
  if (provider === undefined || provider === "") {
    throw new IdentityError("validation_failed", { message: "provider is required" });
  }
  return {
    provider,
    redirectTo: query.redirect_to,
    scopes: query.scopes,
    codeChallenge: query.code_challenge,
    codeChallengeMethod: query.code_challenge_method,
  };
}
