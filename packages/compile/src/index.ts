export { type Artifact, type Notice, type NoticeCode, noticeCodes } from "./artifact.ts";
export { CompileError, type CompileErrorCode, compileErrorCodes } from "./compile-error.ts";
export { AUDIT_TRIGGER, AUDIT_TRUNCATE_TRIGGER } from "./postgresql/audit.ts";
export type {
  CatalogColumn,
  CatalogForeignKey,
  CatalogFunction,
  CatalogGrant,
  CatalogIndex,
  CatalogPolicy,
  CatalogRelation,
  CatalogRole,
  CatalogSchema,
  CatalogSnapshot,
  RelationKind,
} from "./postgresql/catalog.ts";
export { compilePostgres, LEND_READER, MASKING } from "./postgresql/compile.ts";
export { type LintCode, type LintFinding, lint, lintCodes } from "./postgresql/lint.ts";
export {
  type AuditTrigger,
  BASE_SCHEMA,
  type Grant,
  MASKED_SCHEMA,
  MASKER_ROLE,
  type MaskedView,
  OWNER_ROLE,
  type PostgresArtifact,
  type ProtectedTable,
  READER_ROLE,
  REQUEST_ROLES,
  type RequestRole,
  type RequiredIndex,
  type RowPolicy,
  SET_SCHEMA,
  type SealedType,
  type SetFunction,
  type Statement,
  type WantedColumn,
} from "./postgresql/model.ts";
export { quoteIdentifier, quoteLiteral, quoteQualified, sqlType } from "./postgresql/quoting.ts";
export { closeTable } from "./postgresql/script.ts";
