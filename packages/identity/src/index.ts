export type { Account } from "./account/account.ts";
export { isEmailAddress, normaliseEmail } from "./account/email-address.ts";
export { errorKinds, type IdentityErrorCode } from "./error/error-code.ts";
export { IdentityError } from "./error/identity-error.ts";
export {
  type HostedDifference,
  hostedDifferences,
  readHostedSettings,
  unseenSettings,
} from "./hosted/hosted-differences.ts";
export { createHostedIdentity, type HostedIdentity } from "./hosted/hosted-identity.ts";
export { createIdentity, type Identity, type IdentityOptions, type NewAccount } from "./identity.ts";
export type { OnRolesChanged, OnSessionEnded } from "./identity-context.ts";
export { openSigningKeys, type PublishedKeys, type SigningKeySource, type SigningKeys } from "./key/signing-keys.ts";
export { requireCarrier } from "./message/carrier.ts";
export { createInbox, type Inbox, type InboxOptions, type Received } from "./message/inbox.ts";
export { combineMessengers, type Message, type MessageKind, type Messenger, messageKinds } from "./message/message.ts";
export { createSmsMessenger, type SmsSettings } from "./message/sms.ts";
export { createRenewedSmtp, createSmtpMessenger, type SmtpMessenger, type SmtpSettings } from "./message/smtp.ts";
export { identityMigrations } from "./migrations.ts";
export type { HashQueueLimits } from "./password/password-hasher.ts";
export { missingProviderSecrets, type ProviderSecret, providerSecretVariable } from "./provider/open-providers.ts";
export type { Caller } from "./request/caller.ts";
export type { Actor, ActorKind } from "./role/actor.ts";
export type { Administration, Administrator, By } from "./role/administration.ts";
export type { RoleWish } from "./role/change-roles.ts";
export type { RoleClass } from "./role/people-store.ts";
export { type Assurance, type IdentityRules, identityRules } from "./rules.ts";
export type { Session, SessionActor } from "./session/session-row.ts";
export { signOperatorKey, type TokenIssuer } from "./token/access-token.ts";
