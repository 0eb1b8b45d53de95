// The newest link of a chain, kept sealed outside the database: whoever owns the database can neither forge nor read it. It does
// not protect against somebody who also holds the vault and puts an old sealed head back.
import { type ChainHead, GENESIS_HASH } from "./chain.ts";

export interface SealedHead {
  /** The sealed head; null when there is none or it cannot be opened. */
  read(): Promise<ChainHead | null>;
  write(head: ChainHead): Promise<void>;
}

export function headText(head: ChainHead): string {
  return `${head.seq} ${head.hash}`;
}

export function parseHead(text: string): ChainHead | null {
  const match = /^(\d{1,15}) ([0-9a-f]{64})$/.exec(text);
  if (match === null) return null;
  const head = { seq: Number(match[1]), hash: match[2] as string };
  return head.seq === 0 && head.hash !== GENESIS_HASH ? null : head;
}
