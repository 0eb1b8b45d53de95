export type { CertificateAuthority, CertificateRequest, ServiceCertificate } from "./certificate-authority.ts";
export { BLIND_INDEX_BYTES, blindIndex } from "./envelope/blind-index.ts";
export type { SealContext } from "./envelope/context.ts";
export {
  ENVELOPE_BYTES,
  ENVELOPE_START,
  envelopeKeyId,
  isEnvelope,
  KEY_ID_BYTES,
  openEnvelope,
  sealEnvelope,
} from "./envelope/envelope.ts";
export { VaultError, type VaultErrorCode } from "./error.ts";
export { type AwsKmsOptions, awsKmsProvider } from "./keyring/aws-kms-provider.ts";
export type { KeyState } from "./keyring/key-files.ts";
export type { KeyProvider, KeyWrapper } from "./keyring/key-provider.ts";
export { type KeyPurpose, type KeyScope, keyPurposes } from "./keyring/key-scope.ts";
export type { KeyEvent } from "./keyring/key-uses.ts";
export type { DataKey, KeyRecord, Keyring } from "./keyring/keyring.ts";
export { awsSource } from "./secrets/aws-source.ts";
export { environmentSource } from "./secrets/environment-source.ts";
export { fileSource } from "./secrets/file-source.ts";
export { hideSecret, withoutSecrets } from "./secrets/redaction.ts";
export type { FoundSecret, SecretSource, SecretSourceName } from "./secrets/secret-source.ts";
export {
  openSecrets,
  type SecretDeclaration,
  type SecretEvent,
  type SecretState,
  type Secrets,
} from "./secrets/secrets.ts";
export { vaultSource } from "./secrets/vault-source.ts";
export { type OpenVaultOptions, openVault, type Vault } from "./vault.ts";
