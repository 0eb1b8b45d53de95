// The shapes of a decision, after AuthZEN Authorization API 1.0: subject, action, resource, context → decision.
import type { Scalar } from "./condition.ts";
import type { Assurance, TableAction } from "./policy.ts";

/** Who asks. Built only from a verified access token. */
export interface Subject {
  /** The account's id, or null for somebody who is not signed in. */
  readonly id: string | null;
  readonly kind: "anonymous" | "person" | "service";
  /** Roles granted to the account, from `app_metadata.roles` only. */
  readonly roles: readonly string[];
  readonly assurance: Assurance;
  readonly sessionId: string | null;
  /** Who acts in the person's name (`act`, RFC 8693 §4.1). It decides nothing; every event of theirs names it. Absent otherwise. */
  readonly actorId?: string;
}

/** A row by column name. A column that is missing is unknown; null is SQL's null. */
export type Row = Readonly<Record<string, Scalar | null>>;

/** What is asked: a route or page by its key in the policy, or a statement on a table. */
export type Action =
  | { readonly kind: "route"; readonly service: string; readonly route: string }
  | { readonly kind: "page"; readonly site: string; readonly page: string }
  | {
      readonly kind: "table";
      readonly table: string;
      readonly operation: TableAction;
      /** INSERT … RETURNING: the new row is read back, so the select condition must hold for it as well. Default false. */
      readonly returning?: boolean;
    };

/** What a table action is about; empty for routes and pages. */
export interface Resource {
  /** The row as stored (select, update, delete). */
  readonly row?: Row;
  /** The row as it would be stored (insert, update). */
  readonly newRow?: Row;
}

/** What else the decision depends on. */
export interface Context {
  /** The present moment, milliseconds since 1970. */
  readonly now: number;
  /** Rows of tables that `member` conditions read, by table name. */
  readonly tables?: Readonly<Record<string, readonly Row[]>>;
}

/** True, false, or null for unknown. */
export type Truth = true | false | null;

/** Why not, in one stable word. */
export type RefusalReason =
  /** No valid token where one is needed. */
  | "not-signed-in"
  /** Signed in, but the session has not passed the second factor that would be enough. */
  | "second-factor-required"
  /** Signed in, and no condition holds. */
  | "not-allowed"
  /** The policy does not name the route, page or table. */
  | "not-named";

/** Allowed, or refused with the reason. */
export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly reason: RefusalReason };
