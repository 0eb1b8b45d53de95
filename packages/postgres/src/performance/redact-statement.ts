// A statement without any value: every literal becomes "?", every comment goes. PostgreSQL's own normalising is not enough: a statement
// that runs now stands in pg_stat_activity as it was sent, and pg_stat_statements keeps one as it was sent when its entry is evicted
// meanwhile. What cannot be read for certain is cut off.

/** Characters of a statement that are kept. */
export const STATEMENT_CHARACTERS_MAX = 2_000;
const CUT = "…";

/** Tokens after PostgreSQL's scan.l; the first that matches is taken. A token that does not end is a literal up to the text's end. */
const TOKENS: readonly (readonly [pattern: RegExp, replacement: string | null])[] = [
  [/\s+/y, " "],
  [/--[^\n]*/y, " "],
  // U&"…" names a thing, but its escapes may spell anything.
  [/[uU]&"(?:[^"]|"")*(?:"|$)/y, "?"],
  [/"(?:[^"]|"")*"/y, null],
  [/[eE]'(?:[^'\\]|''|\\[\s\S])*(?:'|\\?$)/y, "?"],
  [/(?:[bBxXnN]|[uU]&)?'(?:[^'\\]|'')*(?:'|$)/y, "?"],
  [/\$[1-9][0-9]*/y, null],
  [/(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?[\w\u0080-\uffff]*/y, "?"],
  [/[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y, null],
];
const DOLLAR_QUOTE = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
/** One character that is neither a quote nor a backslash. */
const SIGN = /[^'"\\$]/y;

export function redactStatement(text: string): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const step = nextToken(text, at);
    if (step === undefined) {
      // A backslash or a quote whose meaning depends on settings: nothing after it is certain.
      parts.push(CUT);
      break;
    }
    parts.push(step.shown);
    at = step.end;
  }
  const redacted = parts
    .join("")
    .replaceAll(/(?:\? ?){2,}/g, (run) => (run.endsWith(" ") ? "? " : "?"))
    .replaceAll(/ +/g, " ")
    .trim();
  return redacted.length > STATEMENT_CHARACTERS_MAX ? `${redacted.slice(0, STATEMENT_CHARACTERS_MAX)}${CUT}` : redacted;
}

interface Step {
  readonly shown: string;
  readonly end: number;
}

function nextToken(text: string, at: number): Step | undefined {
  if (text.startsWith("/*", at)) return { shown: " ", end: endOfComment(text, at) };
  const quote = matchAt(DOLLAR_QUOTE, text, at);
  if (quote !== undefined) {
    const end = text.indexOf(quote, at + quote.length);
    return { shown: "?", end: end < 0 ? text.length : end + quote.length };
  }
  for (const [pattern, replacement] of TOKENS) {
    const token = matchAt(pattern, text, at);
    if (token !== undefined) return { shown: replacement ?? token, end: at + token.length };
  }
  const sign = matchAt(SIGN, text, at);
  return sign === undefined ? undefined : { shown: sign, end: at + 1 };
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  const found = pattern.exec(text)?.[0];
  return found === "" ? undefined : found;
}

/** Comments nest (PostgreSQL, 4.1.5). */
function endOfComment(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    if (text.startsWith("/*", at)) {
      depth += 1;
      at += 1;
    } else if (text.startsWith("*/", at)) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}
