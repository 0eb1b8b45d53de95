// What makes a password too weak: NIST SP 800-63B §3.1.1.2, ASVS 5.0 §6.2. Length and what attackers try first count;
// composition rules ("one capital, one digit") do not exist here.
import type { WeakPasswordReason } from "../error/identity-error.ts";
import { commonPasswords } from "./common-passwords.ts";

export interface PasswordRequirements {
  /** In characters (code points), after normalisation. */
  readonly minLength: number;
  readonly breached: "refuse" | "allow";
}

/** A password is compared and hashed in this form only, so that it does not depend on a keyboard's way to compose letters. */
export const normalisePassword = (password: string): string => password.normalize("NFKC");

/** Longest password that is hashed. Longer ones are refused; none is ever cut. */
export const passwordBytesMax = 1024;

export const isTooLong = (password: string): boolean => Buffer.byteLength(password, "utf8") > passwordBytesMax;

/** Context words shorter than this would refuse by accident. */
const contextWordCharactersMin = 4;
/** "dragon" with up to this many digits or signs around it is still "dragon". */
const decorationCharactersMax = 8;
/** A run of neighbours ("abcd", "5678") this long is one step of thought, whatever its length. */
const runs = [
  "abcdefghijklmnopqrstuvwxyz",
  "01234567890123456789",
  "12345678901234567890",
  "qwertyuiopasdfghjklzxcvbnm",
  "qwertzuiopasdfghjklyxcvbnm",
  "azertyuiopqsdfghjklmwxcvbn",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
  "1q2w3e4r5t6y7u8i9o0p",
  "qazwsxedcrfvtgbyhnujmikolp",
];
const substitutes: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

/** "aaaa", "ababab": nothing that repeats so few characters is hard to guess. */
const fewCharacters = 2;

const reversed = (text: string): string => [...text].reverse().join("");
const undisguised = (text: string): string => text.replace(/[013457@$!]/g, (sign) => substitutes[sign] ?? sign);

const isRun = (text: string): boolean =>
  text.length > 0 && runs.some((run) => run.includes(text) || reversed(run).includes(text));

/** The shortest unit whose repetition the text is: "abcabc" → "abc". */
function unitOf(text: string): string {
  const at = `${text}${text}`.indexOf(text, 1);
  return text.slice(0, at);
}

/** The text without digits and signs around it, where they are few; year, counter and exclamation mark add nothing. */
function core(text: string): string {
  const inner = text.replace(/^[^\p{L}]+/u, "").replace(/[^\p{L}]+$/u, "");
  return text.length - inner.length <= decorationCharactersMax ? inner : text;
}

const isKnown = (text: string): boolean => commonPasswords.has(text) || isRun(text);

/** Is the password one that attackers try first, or such a one in a thin disguise? */
export function isCommonPassword(password: string): boolean {
  const lower = password.toLowerCase();
  const cores = [lower, undisguised(lower)].flatMap((text) => [text, core(text), undisguised(core(text))]);
  for (const spelling of cores.flatMap((text) => [text, text.replace(/[\s._-]+/g, "")])) {
    if (spelling === "" || new Set(spelling).size <= fewCharacters) return true;
    if (isKnown(spelling) || isKnown(unitOf(spelling))) return true;
  }
  return isSequence(lower);
}

/** Every character follows the one before it by the same step: "aaaa", "2468", "zyxw". */
function isSequence(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const step = (codes[1] ?? 0) - (codes[0] ?? 0);
  return codes.every((code, index) => index === 0 || code - (codes[index - 1] ?? 0) === step);
}

/** Words that everybody could guess for this account here: the application's name, the parts of the address. */
export function contextWords(applicationName: string, email: string): readonly string[] {
  const [local = "", domain = ""] = email.toLowerCase().split("@");
  const words = [applicationName.toLowerCase(), local, ...local.split(/[.+_-]/), domain.split(".")[0] ?? ""];
  return [...new Set(words)].filter((word) => word.length >= contextWordCharactersMin);
}

/** What the password is made of once the context word is taken out: less than this is a word with decoration. */
const remainderCharactersMin = 8;

/** Does the password consist mostly of a context word? A long passphrase may contain one. */
function leansOnContext(password: string, words: readonly string[]): boolean {
  const lower = password.toLowerCase();
  return [lower, undisguised(lower)].some((spelling) =>
    words.some(
      (word) =>
        spelling.includes(word) &&
        core(spelling.replaceAll(word, "")).replace(/[\s._-]+/g, "").length < remainderCharactersMin,
    ),
  );
}

/** Every reason against the password; none means it is accepted. `password` must be normalised. */
export function passwordWeaknesses(
  password: string,
  requirements: PasswordRequirements,
  words: readonly string[],
): readonly WeakPasswordReason[] {
  const reasons: WeakPasswordReason[] = [];
  if ([...password].length < requirements.minLength) reasons.push("length");
  if (leansOnContext(password, words)) reasons.push("characters");
  if (requirements.breached === "refuse" && isCommonPassword(password)) reasons.push("pwned");
  return reasons;
}
