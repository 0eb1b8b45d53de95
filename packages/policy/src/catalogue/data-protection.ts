// Data, keys and secrets.
import { attackInterval, controlsOf } from "./control.ts";

export const dataProtection = controlsOf(
  {
    kind: "measure",
    phase: "Phase 1: Foundation Security (3 weeks)",
    section: "Week 3: Data Protection",
    intervalSeconds: attackInterval,
  },
  [
    {
      id: "encryption-at-rest",
      line: "Data at rest encryption",
      sentence:
        "Sealed columns and backups are unreadable without the vault's key, and a changed or swapped value is refused; what else is on the disk is as open as the volume.",
      layers: ["database", "cloud"],
      subjects: ["Encryption at rest"],
      checks: ["CRY-03", "CRY-05"],
    },
    {
      id: "encryption-in-transit",
      line: "Data in transit encryption",
      sentence:
        "Nothing is served below TLS 1.2 or in the clear, PostgreSQL included, and our own clients refuse a server that does not prove itself.",
      layers: ["edge", "mesh", "database"],
      subjects: ["TLS everywhere"],
      checks: ["CRY-01", "CRY-02", "database-transport", "database-impostor"],
    },
    {
      id: "key-management",
      line: "Key management (KMS)",
      sentence:
        "Every key has an owner, a purpose and a date of rotation, is used for one purpose only, and the root key never leaves its provider.",
      layers: ["identity", "database", "cloud"],
      subjects: ["Key management and rotation"],
      checks: ["data-keys", "deleted-account-keys"],
    },
    {
      id: "secrets-management",
      line: "Secrets management",
      sentence:
        "Secrets are made by the machine and stored sealed; none is found in logs, answers or pages, no default account exists, and weak or breached passwords are refused.",
      layers: ["identity", "api", "database"],
      subjects: ["Secrets management", "Password policy and hashing"],
      checks: ["SEC-01", "secret-canary", "MFA-03", "breached-password", "CRY-04", "secrets-at-rest", "MFA-09"],
    },
    {
      id: "data-masking",
      line: "Data masking",
      sentence: "Masked columns show their full value only to the roles the policy names, on every path to the data.",
      layers: ["api", "database"],
      subjects: ["Field-level authorization", "Data classification and retention"],
      checks: ["masked-columns"],
    },
  ],
);
