// What an export needs to know of a table: plain data, made from the policy by whoever asks for the export.

export interface MaskedColumn {
  readonly name: string;
  /** As PostgreSQL names it; `sealed` where it holds sealed bytes, which become a stand-in that no key opens. */
  readonly type: string;
  readonly nullable: boolean;
  readonly mask: "email" | "last4" | "redact" | "year" | null;
}

export interface MaskedTable {
  readonly schema: string;
  readonly name: string;
  readonly primaryKey: string;
  readonly columns: readonly MaskedColumn[];
}

/** An identifier, quoted always. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const relation = ({ schema, name }: MaskedTable): string => `${quoted(schema)}.${quoted(name)}`;
