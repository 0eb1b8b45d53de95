// A compiled file: what another layer enforces. Pure data, the same bytes for the same policy.

/** Something the author should know, though the policy compiles. */
export interface Notice {
  readonly code: NoticeCode;
  /** Place in the policy, for example `tables.content.select`. */
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

/** Every code, with what it means. */
export const noticeCodes = {
  "compile/soft-delete": "an update that hides the row from the one who updates it is refused",
  "compile/boundless-key":
    "a role beside row conditions makes every row be read, since the primary key has no lowest and highest value",
} as const;

export type NoticeCode = keyof typeof noticeCodes;

export interface Artifact {
  readonly kind: "artifact";
  readonly target: "postgresql";
  /** Where the file belongs, relative to the folder of compiled files. */
  readonly path: string;
  /** The whole file. */
  readonly text: string;
  /** SHA-256 of `text`, hexadecimal. */
  readonly hash: string;
  readonly notices: readonly Notice[];
}
