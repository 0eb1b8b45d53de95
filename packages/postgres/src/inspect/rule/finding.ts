// What an inspection finds: a fault, why it matters, the attack that shows it and the line that mends it. Plain data.

/** As SARIF 2.1.0 §3.27.10 names them: `error` opens data, `warning` weakens what protects it, `note` is worth knowing. */
export type Severity = "error" | "warning" | "note";

export const severities: readonly Severity[] = ["error", "warning", "note"];

/** A statement that shows the fault when it is run as the role. */
export interface Attack {
  /** Who runs it; null: whoever inspects. */
  readonly role: string | null;
  /** Settings of the transaction, for example `request.jwt.claims`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** One statement. */
  readonly sql: string;
  /**
   * `rows`: it gives at least one row whose first column is not null, false or 0. `success`: it is not refused. Otherwise the SQLSTATE
   * with which it fails, or must not fail.
   */
  readonly shows: "rows" | "success" | { readonly sqlState: string };
  /** `reads`: run in a transaction that is read only. `writes`: rolled back. `never`: what it does no rollback undoes; the text alone is given. */
  readonly runs: "reads" | "writes" | "never";
}

/** What a rule says of one object. */
export interface Found {
  /** For example `public.content`, `public.content.title`, `policy read on public.content`. */
  readonly object: string;
  /** What was found there, one sentence. */
  readonly found: string;
  readonly severity?: Severity;
  readonly attack?: Attack;
  /** SQL that mends it; lines that begin with `--` are for a person to complete. */
  readonly fix: readonly string[];
  /** Lines of a plan, where that is what was found. */
  readonly plan?: readonly string[];
}

/** How the attack went. */
export interface Proof {
  readonly outcome: "shown" | "not-shown" | "not-run";
  readonly detail: string;
}

export interface Finding extends Found {
  readonly rule: string;
  readonly severity: Severity;
  readonly proof?: Proof;
}
