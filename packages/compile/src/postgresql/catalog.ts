// What a live database looks like, as far as access to rows depends on it. Read by packages/cli, judged by `lint` and by the drift check.

export interface CatalogGrant {
  /** A role, or `PUBLIC`. */
  readonly grantee: string;
  /** `SELECT`, `INSERT`, `UPDATE`, `DELETE`, `TRUNCATE`, `REFERENCES`, `TRIGGER`, `MAINTAIN`, `EXECUTE`, `USAGE`, `CREATE` */
  readonly privilege: string;
  /** Null: the whole object. */
  readonly column: string | null;
}

export interface CatalogColumn {
  readonly name: string;
  /** `pg_type.typname`: `int4`, `timestamptz`, … */
  readonly type: string;
  readonly nullable: boolean;
  /** False: equal texts may differ in their bytes. */
  readonly deterministic: boolean;
}

export type RelationKind = "table" | "partitioned" | "view" | "materialized" | "foreign" | "sequence";

export interface CatalogRelation {
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  readonly owner: string;
  readonly rowSecurity: boolean;
  readonly forced: boolean;
  /** Views: rights and policies of the caller apply, not those of the view's owner. */
  readonly securityInvoker: boolean;
  /** Schema and name of the tables it is a partition or a child of. */
  readonly parents: readonly { readonly schema: string; readonly name: string }[];
  readonly columns: readonly CatalogColumn[];
  readonly grants: readonly CatalogGrant[];
  /** Rewrite rules, a view's own excepted. */
  readonly rules: readonly string[];
  readonly publications: readonly string[];
}

export interface CatalogPolicy {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly action: "select" | "insert" | "update" | "delete" | "all";
  readonly permissive: boolean;
  /** Sorted; `PUBLIC` for every role. */
  readonly roles: readonly string[];
  /** As `pg_get_expr` prints it. */
  readonly using: string | null;
  readonly check: string | null;
}

export interface CatalogIndex {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  /** Key columns in order; null for an expression. */
  readonly columns: readonly (string | null)[];
  readonly method: string;
  readonly unique: boolean;
  readonly primary: boolean;
  readonly partial: boolean;
  readonly valid: boolean;
  /** False: an operator of the index may not run before a policy has been checked. */
  readonly leakproof: boolean;
}

export interface CatalogForeignKey {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly references: { readonly schema: string; readonly table: string };
  readonly onDelete: "no action" | "restrict" | "cascade" | "set null" | "set default";
  readonly comment: string | null;
}

export interface CatalogFunction {
  readonly schema: string;
  readonly name: string;
  /** Identity arguments, as `pg_get_function_identity_arguments` prints them. */
  readonly arguments: string;
  readonly owner: string;
  readonly language: string;
  readonly volatility: "immutable" | "stable" | "volatile";
  readonly parallel: "safe" | "restricted" | "unsafe";
  readonly securityDefiner: boolean;
  readonly leakproof: boolean;
  readonly configuration: readonly string[];
  /** `pg_type.typname` of the result. */
  readonly returns: string;
  readonly returnsSet: boolean;
  readonly source: string;
  readonly grants: readonly CatalogGrant[];
}

export interface CatalogRole {
  readonly name: string;
  readonly superuser: boolean;
  readonly bypassesRowSecurity: boolean;
  readonly canLogIn: boolean;
  readonly inherits: boolean;
  readonly mayCreateRoles: boolean;
  /** Roles it is a member of, directly. */
  readonly memberOf: readonly string[];
}

export interface CatalogSchema {
  readonly name: string;
  readonly grants: readonly CatalogGrant[];
  /** Rights that objects made later get by themselves (`ALTER DEFAULT PRIVILEGES`). */
  readonly defaultGrants: readonly CatalogGrant[];
}

export interface CatalogSnapshot {
  readonly schemas: readonly CatalogSchema[];
  readonly relations: readonly CatalogRelation[];
  readonly policies: readonly CatalogPolicy[];
  readonly indexes: readonly CatalogIndex[];
  readonly foreignKeys: readonly CatalogForeignKey[];
  readonly functions: readonly CatalogFunction[];
  readonly roles: readonly CatalogRole[];
}
