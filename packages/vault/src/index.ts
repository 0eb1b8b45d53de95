export type { CertificateAuthority, CertificateRequest, ServiceCertificate } from "./certificate-authority.ts";
export { VaultError, type VaultErrorCode } from "./error.ts";
export { type OpenVaultOptions, openVault, type Vault } from "./vault.ts";
