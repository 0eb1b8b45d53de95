/** Every code, with what it means. */
export const compileErrorCodes = {
  "compile/identifier": "a name PostgreSQL cannot hold",
  "compile/constant": "a constant PostgreSQL cannot hold",
  "compile/reserved-schema": "a table in a schema that belongs to PostgreSQL or to Holdfast",
  "compile/invisible-write": "rows may be changed or deleted that nobody may select",
} as const;

export type CompileErrorCode = keyof typeof compileErrorCodes;

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
