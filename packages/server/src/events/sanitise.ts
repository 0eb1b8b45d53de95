// Makes text from outside harmless before it is recorded: no line can be forged, no terminal be driven, no reader be deceived
// (ASVS 5.0 V16.4.1; CWE-117). What is neutralised stays visible as its code point, so that nothing is hidden either.

import { withoutSecrets } from "@holdfast/vault";

/** Longest string of an event, in UTF-16 code units. */
export const STRING_LENGTH_MAX = 256;
/** Of a longer one only the beginning is searched for secrets, and no more than a part of that is kept. */
const SEARCHED_LENGTH_MAX = 16_384;
/** Most entries of `detail`. */
const DETAIL_ENTRIES_MAX = 16;

/**
 * Control characters (C0, DEL, C1: line breaks and ANSI escapes), bidirectional and invisible formatting, line and paragraph
 * separators, tag characters, and surrogates without a partner.
 */
const dangerous = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u{E0000}-\u{E007F}]/gu;

const secretKey =
  /pass(word|phrase)?|secret|token|authorization|cookie|api.?key|private|credential|otp|code.?verifier/i;
/** Three base64url parts, as in a JSON Web Token, or an HTTP authorization value. */
const secretValue =
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*|\b(?:Bearer|Basic)\s+[A-Za-z0-9+/=._~-]{8,}/gi;
const detailKey = /^[a-z][A-Za-z0-9_]{0,39}$/;

export const REDACTED = "[redacted]";

/** The text with dangerous characters as `\u{…}`, anything that looks like a token redacted, and at most 256 long. */
export function sanitiseText(text: string): string {
  // Cut first: a huge string must not cost more than a small one. Whole secrets go before the cut could leave half of one; escapes
  // only lengthen, so a second cut follows.
  const visible = withoutSecrets(text.slice(0, SEARCHED_LENGTH_MAX))
    .slice(0, STRING_LENGTH_MAX * 2)
    .replace(secretValue, REDACTED)
    .replace(dangerous, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
  if (visible.length <= STRING_LENGTH_MAX) return visible;
  const cut = visible.slice(0, STRING_LENGTH_MAX - 1);
  return `${isHighSurrogate(cut) ? cut.slice(0, -1) : cut}…`;
}

function isHighSurrogate(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}

export type Detail = Readonly<Record<string, string | number | boolean>>;

/** The entries of `detail` that may be recorded: plain keys that do not name a secret, scalar values, at most 16. */
export function sanitiseDetail(detail: Readonly<Record<string, unknown>>): Detail {
  const kept: Record<string, string | number | boolean> = {};
  let count = 0;
  for (const [key, value] of Object.entries(detail)) {
    if (count === DETAIL_ENTRIES_MAX) break;
    if (!detailKey.test(key) || secretKey.test(key)) continue;
    if (typeof value === "string") kept[key] = sanitiseText(value);
    else if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) kept[key] = value;
    else continue;
    count += 1;
  }
  return kept;
}
