// Conditions are data, never closures, so that one meaning can be evaluated, compiled and compared.
// Every condition has three values as in SQL: true, false and unknown. Unknown never allows.

/** A value of a column as JSON carries it: uuid, text, date, timestamptz and large numbers are strings. */
export type Scalar = string | number | boolean;

/** =, <>, <, <=, > and >=. */
export type Comparison = "eq" | "ne" | "lt" | "le" | "gt" | "ge";

/**
 * When may a subject act? `Role`, `Column` and `Table` carry the names a condition uses, so that `defineSecurity` can refuse
 * undeclared ones at compile time; at run time they are plain strings.
 */
export type Condition<Role extends string = string, Column extends string = string, Table extends string = string> =
  /** True for everybody, signed in or not. */
  | { readonly kind: "anyone" }
  /** True for nobody. */
  | { readonly kind: "nobody" }
  /** The request bears a valid access token of a person (not of a service). */
  | { readonly kind: "signedIn" }
  /** The subject holds the role, directly or through a role that includes it; a role that requires aal2 counts only at aal2. */
  | { readonly kind: "role"; readonly role: Role }
  /** The subject's session has passed a second factor. */
  | { readonly kind: "assurance"; readonly level: "aal2" }
  /** The request bears the service key (Supabase's `service_role`). Never true in a table condition. */
  | { readonly kind: "service" }
  /** The row's column holds the subject's id. Unknown where the column is null or nobody is signed in. */
  | { readonly kind: "owner"; readonly column: Column }
  /** The row's column compared with a constant. Unknown where the column is null. */
  | { readonly kind: "compare"; readonly column: Column; readonly operator: Comparison; readonly value: Scalar }
  /** The row's column is one of the constants (at least one). Unknown where the column is null. */
  | { readonly kind: "oneOf"; readonly column: Column; readonly values: readonly Scalar[] }
  /** The row's column is null. Never unknown. */
  | { readonly kind: "isNull"; readonly column: Column }
  /** The row's timestamp column lies after (`future`) or at or before (`past`) the present moment. Unknown where null. */
  | { readonly kind: "time"; readonly column: Column; readonly is: "future" | "past" }
  /** The row's column is in the set of `group` values of rows of `table` that name the subject, match `where` and have not ended. */
  | {
      readonly kind: "member";
      readonly column: Column;
      readonly table: Table;
      /** Column of `table` that is compared with the row's column. */
      readonly group: string;
      /** Column of `table` that holds the subject's id. */
      readonly subject: string;
      /** Equality of other columns of `table` with one of some constants, for example the role in the group. */
      readonly where?: { readonly column: string; readonly values: readonly Scalar[] };
      /** Timestamp column of `table`: a membership counts while it is null or in the future. */
      readonly until?: string;
    }
  | { readonly kind: "all"; readonly of: readonly Condition<Role, Column, Table>[] }
  | { readonly kind: "any"; readonly of: readonly Condition<Role, Column, Table>[] }
  | { readonly kind: "not"; readonly of: Condition<Role, Column, Table> };

/** The word that tells conditions apart. */
export type ConditionKind = Condition["kind"];
