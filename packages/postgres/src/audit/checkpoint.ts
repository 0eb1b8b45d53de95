// A checkpoint says how many leaves a tree has and what its root is, and is signed: C2SP tlog-checkpoint in a C2SP signed-note,
// so that any verifier of transparency logs reads it.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/** Size and root of the tree of one log. */
export interface Checkpoint {
  /** Which log: no two have the same. */
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** Whoever holds it can sign checkpoints; `privateKeyPem` is an Ed25519 key (PKCS #8). */
export interface CheckpointSigner {
  readonly origin: string;
  readonly publicKeyPem: string;
  sign(tree: { readonly size: number; readonly root: Buffer }): string;
  /** The checkpoint when it is of this log and its signature is genuine. */
  open(note: string): Checkpoint | undefined;
}

const ED25519 = Buffer.from([1]);
const KEY_ID_BYTES = 4;
const RAW_KEY_BYTES = 32;
const NOTE_CHARACTERS_MAX = 4_096;
const DASH = "\u2014";

export function checkpointSigner(origin: string, privateKeyPem: string): CheckpointSigner {
  const privateKey = createPrivateKey(privateKeyPem);
  const publicKey = createPublicKey(privateKey);
  const id = keyId(origin, publicKey);
  return {
    origin,
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    sign({ size, root }) {
      const text = `${origin}\n${size}\n${root.toString("base64")}\n`;
      const signature = Buffer.concat([id, sign(null, Buffer.from(text), privateKey)]).toString("base64");
      return `${text}\n${DASH} ${origin} ${signature}\n`;
    },
    open: (note) => openCheckpoint(origin, publicKey, note),
  };
}

/** Needs the public key alone. */
export function openCheckpoint(origin: string, publicKey: KeyObject, note: string): Checkpoint | undefined {
  if (note.length > NOTE_CHARACTERS_MAX) return undefined;
  const [text, signatures] = note.split("\n\n");
  const match = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)$/.exec(text ?? "");
  if (match === null || match[1] !== origin) return undefined;
  const isSigned = (signatures ?? "").split("\n").some((line) => {
    const [dash, name, value] = line.split(" ");
    if (dash !== DASH || name !== origin) return false;
    const bytes = Buffer.from(value ?? "", "base64");
    const isOurs = bytes.subarray(0, KEY_ID_BYTES).equals(keyId(origin, publicKey));
    return isOurs && verify(null, Buffer.from(`${text}\n`), publicKey, bytes.subarray(KEY_ID_BYTES));
  });
  const size = Number(match[2]);
  if (!isSigned || !Number.isSafeInteger(size)) return undefined;
  return { origin, size, root: Buffer.from(match[3] as string, "base64") };
}

/** SHA-256(name || 0x0A || 0x01 || public key), its first four bytes. */
function keyId(origin: string, publicKey: KeyObject): Buffer {
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-RAW_KEY_BYTES);
  return createHash("sha256").update(`${origin}\n`).update(ED25519).update(raw).digest().subarray(0, KEY_ID_BYTES);
}
