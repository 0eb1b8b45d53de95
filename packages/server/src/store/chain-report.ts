// What the verification of a hash chain says. Types only: the console reads them too.

export type ChainFault =
  /** The record's content does not hash to what is stored. */
  | "edited"
  /** The record does not continue its predecessor: records were reordered or one was replaced. */
  | "broken-link"
  /** A sequence number is missing: a record was deleted. */
  | "missing"
  /** Records at the end that the sealed head knows are gone. */
  | "truncated"
  /** Every link fits, but the record at the sealed head is not the one that was sealed: the chain was computed anew. */
  | "rewritten"
  /** The sealed head is missing or cannot be opened although the log has records. */
  | "head-unreadable";

export interface ChainReport {
  readonly intact: boolean;
  /** Records that were read and hashed. */
  readonly verified: number;
  /** The last record that was verified. */
  readonly head: { readonly seq: number; readonly hash: string };
  /** The first fault, with the sequence number where it shows. */
  readonly fault: { readonly seq: number; readonly kind: ChainFault; readonly sentence: string } | null;
}
