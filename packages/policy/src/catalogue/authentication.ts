// Who somebody is, and what that lets them do.
import { attackInterval, controlsOf } from "./control.ts";

export const authentication = controlsOf(
  {
    kind: "measure",
    phase: "Phase 1: Foundation Security (3 weeks)",
    section: "Week 2: Authentication & Authorization",
    intervalSeconds: attackInterval,
  },
  [
    {
      id: "jwt",
      line: "JWT implementation",
      sentence:
        "An access token counts only if our own key signed it with ES256, for this issuer and audience, as an access token, and it has not run out.",
      layers: ["identity", "edge", "api", "database"],
      subjects: ["JWT validation"],
      checks: ["JWT-01", "JWT-02", "JWT-03", "JWT-04", "JWT-05", "JWT-06", "JWT-07", "JWT-08", "revoked-key"],
    },
    {
      id: "rbac",
      line: "Role-based access control",
      sentence:
        "Every role can call exactly the routes the policy gives it, reach only its own objects, and loses a right as soon as the role is taken away; a privileged role takes two administrators, and acting as somebody else a reason and minutes.",
      layers: ["identity", "edge", "api", "database"],
      subjects: ["Role-based access control", "Field-level authorization"],
      checks: [
        "AZ-01",
        "AZ-02",
        "AZ-03",
        "AZ-04",
        "AZ-07",
        "anonymous-person",
        "body-ids",
        "role-approved-alone",
        "role-approved-twice",
        "role-without-approval",
        "role-removed",
        "acting-as-others",
      ],
    },
    {
      id: "sessions",
      line: "Session management",
      sentence:
        "A session ends at logout, after its idle or absolute time, when the account is disabled or the password changes; a refresh token works once, and using it twice ends the session.",
      layers: ["identity", "edge", "browser"],
      subjects: ["Session lifetime, logout, rotation", "Account lifecycle and access review"],
      checks: [
        "SES-01",
        "SES-02",
        "SES-03",
        "SES-04",
        "SES-05",
        "SES-06",
        "SES-07",
        "SES-08",
        "ended-session-rows",
        "mail-scanner",
        "parallel-refresh",
        "redirect-not-named",
        "sign-up-attempt",
      ],
    },
    {
      id: "second-factor",
      line: "2FA implementation",
      sentence:
        "Where the policy asks for a second factor, a session without one is refused; a code works once, cannot be guessed, and a factor cannot be changed without proving the old one.",
      layers: ["identity", "edge", "database"],
      subjects: ["Multi-factor authentication"],
      checks: [
        "MFA-04",
        "MFA-05",
        "MFA-06",
        "MFA-07",
        "MFA-08",
        "address-change",
        "foreign-key",
        "passkey-counter",
        "passkey-person",
        "passkey-place",
        "passkey-replay",
        "recovery-code",
        "removed-factor",
      ],
    },
    {
      id: "oauth-providers",
      line: "OAuth2 providers",
      sentence:
        "Sign-in through another provider uses the code flow with PKCE, exact redirect addresses and a single-use state, and never takes over an account by an unverified address.",
      layers: ["identity"],
      subjects: ["OAuth/OIDC login"],
      checks: ["OAU-01", "OAU-02", "OAU-03", "OAU-04", "OAU-05", "OAU-06", "OAU-07", "OAU-08"],
    },
  ],
);
