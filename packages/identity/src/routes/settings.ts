import type { Policy } from "@holdfast/policy";
import type { AddRoute } from "./route.ts";

/** Every provider that Supabase Auth names here, so that a client finds each of them said. */
const providerNames = [
  "apple",
  "azure",
  "bitbucket",
  "discord",
  "facebook",
  "figma",
  "fly",
  "github",
  "gitlab",
  "google",
  "kakao",
  "keycloak",
  "linkedin",
  "linkedin_oidc",
  "notion",
  "slack",
  "slack_oidc",
  "spotify",
  "twitch",
  "twitter",
  "workos",
  "zoom",
] as const;

/** What the policy says about signing in, in Supabase Auth's shape. */
export function settingsOf({ identity }: Policy): Record<string, unknown> {
  const offered = [...new Set([...providerNames, ...Object.keys(identity.providers)])];
  return {
    external: {
      anonymous_users: identity.anonymous,
      ...Object.fromEntries(offered.sort().map((name) => [name, Object.hasOwn(identity.providers, name)])),
      email: true,
      phone: identity.phone.signIn,
    },
    disable_signup: identity.signUp === "closed",
    // A sign-up never answers with a session, as when a confirmation is pending (see sign-up.ts).
    mailer_autoconfirm: false,
    phone_autoconfirm: false,
    sms_provider: identity.phone.signIn || identity.factors.phone ? "messenger" : "",
    saml_enabled: false,
    passkeys_enabled: identity.passkeys,
    // Ours: Supabase Auth does not tell which second factors are on.
    factors: {
      totp: identity.factors.totp,
      webauthn: identity.factors.webauthn,
      phone: identity.factors.phone,
      recovery_codes: identity.factors.recoveryCodes,
    },
  };
}

/** GET /settings → 200: which ways to sign in are on, as Supabase Auth tells it. */
export const settings: AddRoute = (app, { policy }) => {
  const answer = settingsOf(policy);
  app.get("/settings", () => answer);
};
