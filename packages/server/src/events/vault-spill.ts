// Events that could not be written before a stop, sealed in the vault until the next start. In pieces, for a secret has a size.
import type { Vault } from "@holdfast/vault";
import { vaultName } from "../store/vault-head.ts";
import type { WaitingEvent } from "./event-queue.ts";
import type { EventSpill } from "./event-spill.ts";

const PIECE_CHARACTERS_MAX = 30_000;
const PIECES_MAX = 400;
const NONE = "[]";

/** One spill per database. */
export function vaultSpill(vault: Vault, database: string): EventSpill {
  const prefix = `platform-spill/${vaultName(database)}`;
  const pieceName = (index: number): string => `${prefix}/${index}`;
  const count = async (): Promise<number> => Number(await vault.secret(`${prefix}/pieces`, () => "0")) || 0;
  return {
    async read() {
      const events: WaitingEvent[] = [];
      for (let index = 0; index < (await count()); index += 1) {
        events.push(...(JSON.parse(await vault.secret(pieceName(index), () => NONE)) as WaitingEvent[]));
      }
      return events;
    },
    async write(events) {
      const pieces = piecesOf(events);
      const before = await count();
      if (pieces.length === 0 && before === 0) return;
      for (let index = 0; index < Math.max(pieces.length, before); index += 1) {
        await vault.replaceSecret(pieceName(index), pieces[index] ?? NONE);
      }
      await vault.replaceSecret(`${prefix}/pieces`, String(pieces.length));
    },
  };
}

/** JSON lists of events, each within the size of a secret. Oldest first; what exceeds the bound is left out. */
function piecesOf(events: readonly WaitingEvent[]): readonly string[] {
  const pieces: string[] = [];
  let piece: string[] = [];
  let characters = 0;
  const close = (): void => {
    if (piece.length > 0) pieces.push(`[${piece.join(",")}]`);
    piece = [];
    characters = 0;
  };
  for (const event of events) {
    const text = JSON.stringify(event);
    if (characters + text.length > PIECE_CHARACTERS_MAX) close();
    if (pieces.length === PIECES_MAX) return pieces;
    piece.push(text);
    characters += text.length + 1;
  }
  close();
  return pieces;
}
