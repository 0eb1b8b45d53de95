// What this process has read as a secret is taken out of everything that it writes: events, errors, its terminal, its last words.
// One memory for the process, since a crash asks nobody for an object.

/** Shorter ones would take ordinary words out of ordinary sentences: no secret may be that short (secrets.ts). */
export const SECRET_CHARACTERS_MIN = 8;
const HIDDEN_MAX = 500;

const hidden = new Map<string, string>();
let ordered: readonly (readonly [text: string, word: string])[] = [];

/** Remembers a secret, and the forms in which it travels; the oldest is forgotten when there are too many. */
export function hideSecret(value: string, name: string): void {
  if (value.length < SECRET_CHARACTERS_MIN) return;
  const word = `<secret ${name}>`;
  const forms = [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    Buffer.from(value).toString("base64").replace(/=+$/, ""),
    Buffer.from(value).toString("base64url"),
    ...passwordIn(value),
  ];
  let isNew = false;
  for (const form of forms) {
    if (form.length < SECRET_CHARACTERS_MIN || hidden.has(form)) continue;
    hidden.set(form, word);
    isNew = true;
  }
  for (const oldest of hidden.keys()) {
    if (hidden.size <= HIDDEN_MAX) break;
    hidden.delete(oldest);
  }
  // Longest first, so that a secret that contains another leaves no tail behind.
  if (isNew) ordered = [...hidden].sort(([left], [right]) => right.length - left.length);
}

/** The password of a URL is a secret by itself: a driver's error may name it alone. */
function passwordIn(value: string): readonly string[] {
  const password = URL.parse(value)?.password ?? "";
  if (password === "") return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    // A malformed percent-encoding: it travels as it is.
    return [password];
  }
}

/** The text without any secret of this process. */
export function withoutSecrets(text: string): string {
  let clean = text;
  for (const [secret, word] of ordered) if (clean.includes(secret)) clean = clean.replaceAll(secret, word);
  return clean;
}

/** For tests: as if nothing had been read. */
export function forgetHidden(): void {
  hidden.clear();
  ordered = [];
}
