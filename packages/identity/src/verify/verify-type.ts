/** What a client says it verifies, in Supabase Auth's words. */
export const verifyTypes = [
  "signup",
  "magiclink",
  "email",
  "recovery",
  "invite",
  "email_change",
  "sms",
  "phone_change",
] as const;

export type VerifyType = (typeof verifyTypes)[number];
