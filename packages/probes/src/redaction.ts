// Nothing secret leaves a check: transcripts become evidence, and evidence is read by people and kept for years.

const TOKEN_LIKE = /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)?/gu;
const BEARER = /\b(bearer)\s+[^\s",;]+/giu;
const COOKIE_VALUE = /(__Host-[a-z]+)=[^;\s"]+/giu;
const SECRET_FIELD =
  /("(?:password|current_password|access_token|refresh_token|secret|code|uri|qr_code|apikey)"\s*:\s*)"(?:[^"\\]|\\.)*"/giu;

/** Longest text of one part of a transcript, in characters. */
export const TRANSCRIPT_TEXT_MAX = 400;

/** Knows the secrets of one run and removes them, and whatever looks like one, from text. */
export interface Redaction {
  /** Remembers a secret under the word that will stand in its place. Secrets shorter than 6 characters are not remembered. */
  hide(secret: string, word: string): void;
  apply(text: string): string;
}

const SECRET_LENGTH_MIN = 6;

export function createRedaction(): Redaction {
  const words = new Map<string, string>();
  return {
    hide(secret, word) {
      if (secret.length >= SECRET_LENGTH_MIN) words.set(secret, `<${word}>`);
    },
    apply(text) {
      let clean = text;
      // Longest first, so that a secret that contains another leaves no tail behind.
      const known = [...words].sort(([left], [right]) => right.length - left.length);
      for (const [secret, word] of known) clean = clean.replaceAll(secret, word);
      return shorten(redactPatterns(clean));
    },
  };
}

/** Removes what looks like a token, a cookie of ours or a secret field, whoever it belongs to. */
function redactPatterns(text: string): string {
  return text
    .replace(SECRET_FIELD, '$1"<redacted>"')
    .replace(TOKEN_LIKE, "<token>")
    .replace(COOKIE_VALUE, "$1=<redacted>")
    .replace(BEARER, "$1 <redacted>");
}

function shorten(text: string): string {
  // Control characters would let a hostile answer rewrite the reader's terminal.
  const visible = text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return visible.length <= TRANSCRIPT_TEXT_MAX ? visible : `${visible.slice(0, TRANSCRIPT_TEXT_MAX - 1)}…`;
}
