export type CompileErrorCode =
  /** A name PostgreSQL cannot hold: empty, longer than 63 bytes, or with a NUL or a lone surrogate. */
  | "compile/identifier"
  /** A constant PostgreSQL cannot hold: a NUL or a lone surrogate in a text, a number that is not finite. */
  | "compile/constant"
  /** A table in a schema that belongs to PostgreSQL or to Holdfast. */
  | "compile/reserved-schema"
  /** Rows may be changed or deleted that nobody may select: `UPDATE … WHERE` would find none. */
  | "compile/invisible-write";

/** The policy cannot be compiled. A mistake of the author, found before anything is applied. */
export class CompileError extends Error {
  readonly code: CompileErrorCode;
  readonly hint: string;

  constructor(code: CompileErrorCode, message: string, hint: string) {
    super(message);
    this.name = "CompileError";
    this.code = code;
    this.hint = hint;
  }
}
