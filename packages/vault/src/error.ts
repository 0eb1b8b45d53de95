/** The package's one union of error codes. */
export type VaultErrorCode =
  | "vault/directory-unwritable"
  | "vault/directory-permissions"
  | "vault/root-key-missing"
  | "vault/root-key-unreadable"
  | "vault/root-key-permissions"
  | "vault/root-key-damaged"
  | "vault/sealed-file-unreadable"
  | "vault/sealed-file-damaged"
  | "vault/secret-name-invalid"
  | "vault/secret-value-invalid"
  | "vault/certificate-invalid"
  | "vault/secret-undeclared"
  | "vault/secret-missing"
  | "vault/secret-unavailable"
  | "vault/secret-read-only"
  | "vault/secret-too-short"
  | "vault/inside-work-tree"
  | "vault/passphrase-missing"
  | "vault/passphrase-wrong"
  | "vault/provider-unavailable"
  | "vault/key-scope-invalid"
  | "vault/key-unknown"
  | "vault/key-revoked"
  | "vault/key-destroyed"
  | "vault/key-damaged"
  | "vault/value-refused"
  | "vault/closed";

interface Explanation {
  readonly expected: string;
  readonly found: string;
  /** One sentence: what to do. */
  readonly hint: string;
  readonly cause?: unknown;
}

/** Something about keys, secrets or certificates is not as it must be. Never carries a key or a secret. */
export class VaultError extends Error {
  readonly code: VaultErrorCode;
  readonly expected: string;
  readonly found: string;
  readonly hint: string;

  constructor(code: VaultErrorCode, { expected, found, hint, cause }: Explanation) {
    super(`Expected ${expected}; found ${found}. ${hint}`, { cause });
    this.name = "VaultError";
    this.code = code;
    this.expected = expected;
    this.found = found;
    this.hint = hint;
  }
}
