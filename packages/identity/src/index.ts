export type { Account } from "./account/account.ts";
export { errorKinds, type IdentityErrorCode } from "./error/error-code.ts";
export { IdentityError } from "./error/identity-error.ts";
export { createIdentity, type Identity, type IdentityOptions, type NewAccount } from "./identity.ts";
export type { OnSessionEnded } from "./identity-context.ts";
export { openSigningKeys, type PublishedKeys, type SigningKeySource, type SigningKeys } from "./key/signing-keys.ts";
export { identityMigrations } from "./migrations.ts";
export type { HashQueueLimits } from "./password/password-hasher.ts";
export { type Assurance, type IdentityRules, identityRules } from "./rules.ts";
