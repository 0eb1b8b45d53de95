// JSON for hostile input. JSON.parse accepts what two readers may understand differently: duplicate keys (the last wins
// here, the first elsewhere; RFC 8259 §4, ASVS 1.5.3), keys that reach a prototype, halves of surrogate pairs (which one reader
// repairs and another refuses; RFC 8259 §8.2, RFC 7493 §2.1), and any depth.

/** How deep arrays and objects may nest. */
export const JSON_DEPTH_MAX = 64;

export type JsonFault = "syntax" | "encoding" | "too-deep" | "duplicate-key" | "poisoned-key" | "lone-surrogate";

export type ParsedJson = { readonly value: unknown } | { readonly fault: JsonFault };

const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const SPACE = 32;

/** Parses UTF-8 bytes, or says what is wrong with them. */
export function parseStrictJson(text: string): ParsedJson {
  if (!text.isWellFormed()) return { fault: "lone-surrogate" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Only the fact matters: the parser's message quotes the body, and bodies never enter an answer or an event.
    return { fault: "syntax" };
  }
  const fault = faultOf(text);
  return fault === null ? { value } : { fault };
}

// The text is known to be valid JSON, so a string directly before a colon is a key and brackets are balanced.
function faultOf(text: string): JsonFault | null {
  const keys: (Set<string> | null)[] = [];
  const hasEscapes = text.includes("\\u");
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (keys.length === JSON_DEPTH_MAX) return "too-deep";
      keys.push(code === OPEN_BRACE ? new Set() : null);
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      keys.pop();
    } else if (code === QUOTE) {
      const end = endOfString(text, at + 1);
      if (hasEscapes && !textBetween(text, at, end).isWellFormed()) return "lone-surrogate";
      if (isKey(text, end + 1)) {
        const fault = faultOfKey(textBetween(text, at, end), keys[keys.length - 1] ?? null);
        if (fault !== null) return fault;
      }
      at = end;
    }
  }
  return null;
}

// A quotation mark ends a string unless an odd number of backslashes stands before it. Each run of them is counted once.
function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (text.charCodeAt(end - 1) === BACKSLASH && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

function isKey(text: string, from: number): boolean {
  let at = from;
  while (text.charCodeAt(at) <= SPACE) at += 1;
  return text.charCodeAt(at) === COLON;
}

function textBetween(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  return raw.includes("\\") ? (JSON.parse(text.slice(start, end + 1)) as string) : raw;
}

function faultOfKey(key: string, seen: Set<string> | null): JsonFault | null {
  // `constructor` alone is refused too: `constructor.prototype` is the second way to the prototype.
  if (key === "__proto__" || key === "constructor" || key === "prototype") return "poisoned-key";
  if (seen === null) return null;
  if (seen.has(key)) return "duplicate-key";
  seen.add(key);
  return null;
}
