// What people see in the terminal: progress on the way, then one short page. Colour only on a terminal that wants it.
import { styleText } from "node:util";
import { withoutSecrets } from "@holdfast/vault";

export interface Terminal {
  /** A line of the result. */
  line(text?: string): void;
  /** Something that takes time has begun; a later call replaces it on a terminal, and one with the same words writes nothing. */
  progress(text: string): void;
  /** The last progress has ended well. */
  done(text: string): void;
  warn(text: string): void;
}

export interface TerminalStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Control characters but line break and tab (ECMA-48), and what turns the direction of reading (Unicode TR 9, section 2). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u202a-\u202e\u2066-\u2069]/g;

/** A text with what a terminal would obey written out: names and messages come from databases that others fill. */
export const visible = (text: string): string =>
  text.replaceAll(STEERING, (sign) => {
    const code = sign.charCodeAt(0).toString(16);
    return sign < "\u0100" ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
  });

/** Human output. On something that is not a terminal every progress is a line of its own. */
export function openTerminal(unguarded: TerminalStream): Terminal {
  // Nothing that this process has read as a secret stands on a terminal, or in the log that a terminal is written to.
  const stream = {
    isTTY: unguarded.isTTY === true,
    write: (text: string) => unguarded.write(withoutSecrets(text)),
  };
  const isLive = stream.isTTY === true;
  const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
    isLive ? styleText(format, text) : text;
  let pending: string | undefined;
  const clear = (): void => {
    if (pending !== undefined && isLive) stream.write("\r\u001b[2K");
    pending = undefined;
  };
  return {
    line(text = "") {
      clear();
      stream.write(`${visible(text)}\n`);
    },
    progress(text) {
      if (text === pending) return;
      clear();
      stream.write(isLive ? paint("dim", `… ${visible(text)}`) : `… ${visible(text)}\n`);
      pending = text;
    },
    done(text) {
      clear();
      stream.write(`${paint("green", "✓")} ${visible(text)}\n`);
    },
    warn(text) {
      clear();
      stream.write(`${paint("yellow", "!")} ${visible(text)}\n`);
    },
  };
}

/** With `--json` nothing but the document may reach standard output; progress goes nowhere. */
export const silentTerminal: Terminal = { line() {}, progress() {}, done() {}, warn() {} };

/** "1 check", "2 checks". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
