import type { AddRoute } from "./route.ts";

/** GET /settings → 200: which ways to sign in are on, as Supabase Auth tells it. */
export const settings: AddRoute = (app, { policy }) => {
  const answer = {
    external: { anonymous_users: false, email: true, phone: false },
    disable_signup: policy.identity.signUp === "closed",
    // A sign-up never answers with a session, as when a confirmation is pending (see sign-up.ts).
    mailer_autoconfirm: false,
    phone_autoconfirm: false,
    sms_provider: "",
    saml_enabled: false,
    passkeys_enabled: false,
  };
  app.get("/settings", () => answer);
};
