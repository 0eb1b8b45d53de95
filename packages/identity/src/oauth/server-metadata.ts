// What the authorization server publishes about itself (RFC 8414, OpenID Connect Discovery). `plain` is not offered.
import type { IdentityContext } from "../identity-context.ts";
import { offeredScopes } from "./oauth-scope.ts";

export const serverMetadata = ({ issuer, policy }: IdentityContext) => ({
  issuer,
  authorization_endpoint: `${issuer}/oauth/authorize`,
  token_endpoint: `${issuer}/oauth/token`,
  userinfo_endpoint: `${issuer}/oauth/userinfo`,
  jwks_uri: `${issuer}/.well-known/jwks.json`,
  ...(policy.identity.oauthServer.registration ? { registration_endpoint: `${issuer}/oauth/clients/register` } : {}),
  scopes_supported: [...offeredScopes],
  response_types_supported: ["code"],
  response_modes_supported: ["query"],
  grant_types_supported: ["authorization_code", "refresh_token"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["ES256"],
  token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
  code_challenge_methods_supported: ["S256"],
  claims_supported: [
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "email",
    "email_verified",
    "name",
    "picture",
  ],
  authorization_response_iss_parameter_supported: true,
});
