// Password hashes as they are stored: our own, and those that somebody brings along from another system. A hash that is malformed,
// or that would cost more to compare than an attempt at signing in may cost, is not one.
import { randomBytes } from "node:crypto";

/** Cost of argon2 (RFC 9106 §3.1). */
export interface HashCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

export interface Argon2Hash extends HashCost {
  readonly kind: "argon2";
  readonly text: string;
  readonly variant: "argon2i" | "argon2id";
  readonly saltBytes: number;
  readonly digestBytes: number;
}

export interface BcryptHash {
  readonly kind: "bcrypt";
  readonly text: string;
  /** Rounds, as a power of two. */
  readonly cost: number;
}

/** Firebase's scrypt: what scrypt yields is the key that encrypts the project's signer key. */
export interface FirebaseScryptHash {
  readonly kind: "firebase-scrypt";
  readonly text: string;
  /** scrypt's N as a power of two, r and p (RFC 7914 §2). */
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
  readonly saltSeparator: Buffer;
  readonly signerKey: Buffer;
  readonly salt: Buffer;
  readonly digest: Buffer;
}

export type StoredHash = Argon2Hash | BcryptHash | FirebaseScryptHash;

export const storedHashCharactersMax = 1024;

// Supabase Auth allows argon2 1 GiB and 20 passes; here memory times passes is bounded besides, so that one comparison takes less
// than a second: a wrong password for such an account must not keep the next person waiting (1 GiB and 2 passes: 3.2 s).
const memoryKibMax = 524_288;
const passesMax = 20;
const lanesMax = 16;
const memoryPassesKibMax = 524_288;
/** Each step doubles the time: 2^14 rounds take about a second. */
const bcryptCost = { min: 4, max: 14 };
const scryptMax = { log2N: 20, r: 32, p: 16, memoryBytes: 268_435_456 };
const scryptBlockBytes = 128;
const saltBytes = { min: 8, max: 64 };
const digestBytes = { min: 16, max: 128 };

const base64 = "[A-Za-z0-9+/]{1,256}={0,2}";
const unpadded = "[A-Za-z0-9+/]{1,256}";
const argon2Pattern = new RegExp(
  `^\\$(argon2id?)\\$v=19\\$m=([1-9]\\d{0,9}),t=([1-9]\\d{0,3}),p=([1-9]\\d{0,2})\\$(${unpadded})\\$(${unpadded})$`,
);
// 22 characters hold 16 bytes of salt and 31 hold 23 bytes of digest; the last of each carries only some of its bits, and a text
// with others set would be refused by the library without any work.
const bcryptPattern = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/;
const firebasePattern = new RegExp(
  `^\\$fbscrypt\\$v=1,n=([1-9]\\d?),r=([1-9]\\d?),p=([1-9]\\d?)(?:,ss=(${base64}))?,sk=(${base64})\\$(${base64})\\$(${base64})$`,
);

const within = (value: number, { min, max }: { readonly min: number; readonly max: number }): boolean =>
  value >= min && value <= max;

/** The bytes of the one spelling that they have (RFC 4648 §3.5); none for another one. */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  const isCanonical = bytes.toString("base64").replaceAll("=", "") === text.replaceAll("=", "");
  return isCanonical ? bytes : Buffer.alloc(0);
}

/** The hash that `text` is, or null when it is malformed, of a kind nobody should use, or too expensive to compare. */
export function readStoredHash(text: string): StoredHash | null {
  if (text.length > storedHashCharactersMax) return null;
  return readArgon2(text) ?? readBcrypt(text) ?? readFirebaseScrypt(text);
}

function readArgon2(text: string): Argon2Hash | null {
  const match = argon2Pattern.exec(text);
  if (match === null) return null;
  const [variant = "", memory, passes, lanes, salt = "", digest = ""] = match.slice(1);
  const hash: Argon2Hash = {
    kind: "argon2",
    text,
    variant: variant as Argon2Hash["variant"],
    memoryKib: Number(memory),
    passes: Number(passes),
    lanes: Number(lanes),
    saltBytes: bytesOf(salt).length,
    digestBytes: bytesOf(digest).length,
  };
  const isCheap =
    hash.memoryKib <= memoryKibMax &&
    hash.passes <= passesMax &&
    hash.lanes <= lanesMax &&
    hash.memoryKib * hash.passes <= memoryPassesKibMax;
  // RFC 9106 §3.1: at least eight blocks of memory for each lane.
  const isSound = hash.memoryKib >= 8 * hash.lanes && within(hash.saltBytes, saltBytes);
  return isCheap && isSound && within(hash.digestBytes, digestBytes) ? hash : null;
}

function readBcrypt(text: string): BcryptHash | null {
  const cost = Number(bcryptPattern.exec(text)?.[1]);
  return within(cost, bcryptCost) ? { kind: "bcrypt", text, cost } : null;
}

function readFirebaseScrypt(text: string): FirebaseScryptHash | null {
  const match = firebasePattern.exec(text);
  if (match === null) return null;
  const [log2N, r, p] = match.slice(1, 4).map(Number) as [number, number, number];
  const [saltSeparator, signerKey, salt, digest] = match.slice(4).map((part = "") => bytesOf(part)) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  const memoryBytes = scryptBlockBytes * 2 ** log2N * r * p;
  const isCheap =
    log2N <= scryptMax.log2N && r <= scryptMax.r && p <= scryptMax.p && memoryBytes <= scryptMax.memoryBytes;
  const isSound = within(digest.length, digestBytes) && digest.length === signerKey.length;
  if (!isCheap || !isSound) return null;
  return { kind: "firebase-scrypt", text, log2N, r, p, saltSeparator, signerKey, salt, digest };
}

/** Is the hash what a new password would get? Otherwise it is made anew when its owner next signs in. */
export const isCurrent = (hash: StoredHash, cost: HashCost): boolean =>
  hash.kind === "argon2" &&
  hash.variant === "argon2id" &&
  hash.memoryKib === cost.memoryKib &&
  hash.passes === cost.passes &&
  hash.lanes === cost.lanes;

/** Scheme and cost in a few characters; hashes of one profile take the same time to compare. */
export function profileOf(hash: StoredHash): string {
  switch (hash.kind) {
    case "argon2":
      return `$${hash.variant}$v=19$m=${hash.memoryKib},t=${hash.passes},p=${hash.lanes}`;
    case "bcrypt":
      return hash.text.slice(0, "$2b$10".length);
    case "firebase-scrypt":
      return `$fbscrypt$v=1,n=${hash.log2N},r=${hash.r},p=${hash.p}`;
  }
}

const unpaddedBase64 = (bytes: number): string => randomBytes(bytes).toString("base64").replaceAll("=", "");
const usualSaltBytes = 16;
const usualDigestBytes = 32;
const bcryptAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const bcryptText = (characters: number): string =>
  [...randomBytes(characters)].map((byte) => bcryptAlphabet[byte % bcryptAlphabet.length]).join("");
const firebaseKeyBytes = 64;

/** A hash of the profile that no password has; null when there is no such profile. */
export function decoyOf(profile: string): StoredHash | null {
  if (profile.startsWith("$argon2")) {
    return readStoredHash(`${profile}$${unpaddedBase64(usualSaltBytes)}$${unpaddedBase64(usualDigestBytes)}`);
  }
  if (profile.startsWith("$2")) return readStoredHash(`${profile}$${bcryptText(21)}.${bcryptText(30)}.`);
  const [key, digest] = [randomBytes(firebaseKeyBytes), randomBytes(firebaseKeyBytes)].map((part) =>
    part.toString("base64"),
  );
  return readStoredHash(`${profile},ss=Bw==,sk=${key}$${randomBytes(usualSaltBytes).toString("base64")}$${digest}`);
}
