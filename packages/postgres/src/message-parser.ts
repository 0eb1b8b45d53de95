// pg's own reader of the server's messages, save that the rows of a running statement go straight to whoever takes them: no message
// object, no list of strings and no event for each.
import { Parser } from "pg-protocol/dist/parser.js";
import type { WireBytes } from "./row-reader.ts";

/** One message of the server, as pg's listeners take it. */
export interface WireMessage {
  readonly name: string;
}

/** The part of pg-protocol's parser that its types call private. It is pinned to one exact version because of it. */
interface MessageReader {
  parse(bytes: Buffer, callback: (message: WireMessage) => void): void;
  handlePacket(offset: number, code: number, length: number, bytes: Buffer): WireMessage;
}

const DATA_ROW = 0x44;
const TAKEN: WireMessage = Object.freeze({ name: "taken" });

export class MessageParser extends (Parser as unknown as new () => MessageReader) {
  /** Takes the body of each DataRow, which begins at `offset`. Undefined: pg makes a message of it. */
  takeRow: ((bytes: WireBytes, offset: number) => void) | undefined;

  /** Reads what has come and tells `listener` each message that nobody has taken. */
  read(bytes: Buffer, listener: (message: WireMessage) => void): void {
    this.parse(bytes, (message) => {
      if (message !== TAKEN) listener(message);
    });
  }

  override handlePacket(offset: number, code: number, length: number, bytes: Buffer): WireMessage {
    if (code !== DATA_ROW || this.takeRow === undefined) return super.handlePacket(offset, code, length, bytes);
    this.takeRow(bytes as WireBytes, offset);
    return TAKEN;
  }
}
