// The words in which an author writes conditions. Each returns plain data whose literal types let `defineSecurity` refuse
// undeclared roles, tables and columns at compile time.
import type { Comparison, Condition, Scalar } from "./condition.ts";

/** Everybody, signed in or not. */
export const anyone = () => ({ kind: "anyone" }) as const;

/** Nobody at all: what an action is when the policy does not name it. */
export const nobody = () => ({ kind: "nobody" }) as const;

/** A person with a valid access token. */
export const signedIn = () => ({ kind: "signedIn" }) as const;

/** Holds the role, directly or through a role that includes it. */
export const role = <const Role extends string>(name: Role) => ({ kind: "role", role: name }) as const;

/** The session has passed a second factor. */
export const aal2 = () => ({ kind: "assurance", level: "aal2" }) as const;

/** The bearer of the service key: another program of the operator, never a person. Only for routes. */
export const service = () => ({ kind: "service" }) as const;

/** The row's column holds the subject's own id. */
export const owner = <const Column extends string>(column: Column) => ({ kind: "owner", column }) as const;

const compare = <const Column extends string>(column: Column, operator: Comparison, value: Scalar) =>
  ({ kind: "compare", column, operator, value }) as const;

/** Comparisons of a column of the row with constants or with the present moment: `column("status").is("published")`. */
export const column = <const Column extends string>(name: Column) => ({
  is: (value: Scalar) => compare(name, "eq", value),
  isNot: (value: Scalar) => compare(name, "ne", value),
  isLessThan: (value: Scalar) => compare(name, "lt", value),
  isAtMost: (value: Scalar) => compare(name, "le", value),
  isMoreThan: (value: Scalar) => compare(name, "gt", value),
  isAtLeast: (value: Scalar) => compare(name, "ge", value),
  isOneOf: (...values: readonly Scalar[]) => ({ kind: "oneOf", column: name, values }) as const,
  isNull: () => ({ kind: "isNull", column: name }) as const,
  /** Later than the present moment. */
  isFuture: () => ({ kind: "time", column: name, is: "future" }) as const,
  /** At or before the present moment. */
  isPast: () => ({ kind: "time", column: name, is: "past" }) as const,
});

/** Rows of another table that tie a subject to a group. */
export interface MemberInput {
  /** Column of the row that is asked about. */
  readonly column: string;
  readonly table: string;
  /** Column of `table` that is compared with `column`. */
  readonly group: string;
  /** Column of `table` that holds the subject's id. */
  readonly subject: string;
  readonly where?: { readonly column: string; readonly values: readonly Scalar[] };
  /** Timestamp column of `table`: the tie counts while it is null or in the future. */
  readonly until?: string;
}

/** The row belongs to a group, and a row of another table says that the subject does too (teams, shares). */
export const member = <const Input extends MemberInput>(input: Input): { readonly kind: "member" } & Input => ({
  kind: "member",
  ...input,
});

/** Every one of the conditions holds. */
export const all = <const Of extends readonly Condition[]>(...of: Of) => ({ kind: "all", of }) as const;

/** At least one of the conditions holds. */
export const any = <const Of extends readonly Condition[]>(...of: Of) => ({ kind: "any", of }) as const;

/** The condition is false. Where it is unknown (a null column, nobody signed in), so is this. */
export const not = <const Of extends Condition>(of: Of) => ({ kind: "not", of }) as const;
