// A root key that lies on the disk only sealed under a passphrase: scrypt (RFC 7914) at the cost that OWASP's cheat sheet on
// password storage names, so that guessing is slow and takes memory.
import { createSecretKey, randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { KEY_ID_BYTES, openEnvelope, sealEnvelope } from "./envelope/envelope.ts";
import { VaultError } from "./error.ts";

const FORMAT = 1;
const COST = 2 ** 17;
const COST_MAX = 2 ** 20;
const BLOCKS = 8;
const LANES = 1;
const SALT_BYTES = 32;
const KEY_BYTES = 32;
const MEMORY_BYTES_MAX = 2 ** 30 + 2 ** 25;
const CHARACTERS_MIN = 12;
const CONTEXT = { purpose: "root key" };

interface SealedRootKey {
  readonly format: typeof FORMAT;
  readonly kdf: "scrypt";
  readonly cost: number;
  /** base64url */
  readonly salt: string;
  readonly sealed: string;
}

/** The content of the file. @throws VaultError `vault/passphrase-wrong` for one that is too short. */
export async function sealRootKey(rootKey: Uint8Array, passphrase: string): Promise<Buffer> {
  if (passphrase.length < CHARACTERS_MIN) throw wrong(`${passphrase.length} characters`);
  const salt = randomBytes(SALT_BYTES);
  const sealed = sealEnvelope(await keyFrom(passphrase, salt, COST), CONTEXT, rootKey).toString("base64url");
  const file: SealedRootKey = { format: FORMAT, kdf: "scrypt", cost: COST, salt: salt.toString("base64url"), sealed };
  return Buffer.from(`${JSON.stringify(file, null, 2)}\n`);
}

/** Undefined when the content is no sealed root key. */
export function readSealedRootKey(content: Buffer): SealedRootKey | undefined {
  try {
    const file = JSON.parse(content.toString("utf8")) as SealedRootKey;
    const isKnown = file.format === FORMAT && file.kdf === "scrypt" && file.cost >= 2 && file.cost <= COST_MAX;
    return isKnown && typeof file.salt === "string" && typeof file.sealed === "string" ? file : undefined;
  } catch {
    return undefined; // Not JSON: a plain key, or damaged, which its length tells.
  }
}

/** @throws VaultError `vault/passphrase-missing`, `vault/passphrase-wrong` */
export async function unsealRootKey(file: SealedRootKey, passphrase: string | undefined): Promise<Buffer> {
  if (passphrase === undefined) {
    throw new VaultError("vault/passphrase-missing", {
      expected: "the passphrase that the root key is sealed under",
      found: "none",
      hint: "Set HOLDFAST_VAULT_PASSPHRASE where Holdfast starts.",
    });
  }
  const key = await keyFrom(passphrase, Buffer.from(file.salt, "base64url"), file.cost);
  const rootKey = openEnvelope(key, CONTEXT, Buffer.from(file.sealed, "base64url"));
  if (rootKey === undefined) throw wrong("another one, or a file that was changed");
  return rootKey;
}

async function keyFrom(passphrase: string, salt: Buffer, cost: number) {
  const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);
  const options = { N: cost, r: BLOCKS, p: LANES, maxmem: MEMORY_BYTES_MAX };
  const bytes = await derive(passphrase.normalize("NFC"), salt, KEY_BYTES, options);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { idBytes: Buffer.alloc(KEY_ID_BYTES), key };
}

const wrong = (found: string): VaultError =>
  new VaultError("vault/passphrase-wrong", {
    expected: `the passphrase that the root key is sealed under, of at least ${CHARACTERS_MIN} characters`,
    found,
    hint: "Nothing was changed. Without the passphrase nothing in this vault can be opened.",
  });
