// A checkpoint says how many leaves a tree has and what its root is, and is signed: C2SP tlog-checkpoint in a C2SP signed-note,
// so that any verifier of transparency logs reads it.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/** A database that was put back, which a person accepted: leaves from `size` on were given up. */
export interface Fork {
  readonly size: number;
  /** SHA-256 of the record of the restore, hexadecimal. */
  readonly evidence: string;
}

/** Size and root of the tree of one log. */
export interface Checkpoint {
  /** Which log: no two have the same. */
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  /** Each restore before it that was accepted, oldest first. */
  readonly forks: readonly Fork[];
}

/** Whoever holds it can sign checkpoints; `privateKeyPem` is an Ed25519 key (PKCS #8). */
export interface CheckpointSigner {
  readonly origin: string;
  readonly publicKeyPem: string;
  sign(tree: Pick<Checkpoint, "size" | "root" | "forks">): string;
  /** The checkpoint when it is of this log and its signature is genuine. */
  open(note: string): Checkpoint | undefined;
  /** Signs what is no checkpoint: `words` are a line of their own, and `data` is JSON. */
  signStatement(words: string, data: object): string;
  /** The data when the statement has these words and its signature is genuine. */
  openStatement(words: string, note: string): unknown;
}

const ED25519 = Buffer.from([1]);
const KEY_ID_BYTES = 4;
const RAW_KEY_BYTES = 32;
const NOTE_CHARACTERS_MAX = 16_384;
const DASH = "\u2014";

export function checkpointSigner(origin: string, privateKeyPem: string): CheckpointSigner {
  const privateKey = createPrivateKey(privateKeyPem);
  const publicKey = createPublicKey(privateKey);
  const id = keyId(origin, publicKey);
  const signText = (text: string): string => {
    const signature = Buffer.concat([id, sign(null, Buffer.from(text), privateKey)]).toString("base64");
    return `${text}\n${DASH} ${origin} ${signature}\n`;
  };
  return {
    origin,
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    sign: ({ size, root, forks }) =>
      signText(
        `${origin}\n${size}\n${root.toString("base64")}\n${forks.map((fork) => `fork ${fork.size} ${fork.evidence}\n`).join("")}`,
      ),
    open: (note) => openCheckpoint(origin, publicKey, note),
    signStatement: (words, data) => signText(`${origin}\n${words}\n${JSON.stringify(data)}\n`),
    openStatement(words, note) {
      const text = signedText(origin, publicKey, note);
      const head = `${origin}\n${words}\n`;
      return text?.startsWith(head) === true ? JSON.parse(text.slice(head.length)) : undefined;
    },
  };
}

/** Needs the public key alone. */
export function openCheckpoint(origin: string, publicKey: KeyObject, note: string): Checkpoint | undefined {
  const text = signedText(origin, publicKey, note);
  const match = /^[^\n]+\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)((?:\nfork (?:0|[1-9]\d{0,15}) [0-9a-f]{64})*)$/.exec(
    text ?? "",
  );
  const size = Number(match?.[1]);
  if (match === null || !Number.isSafeInteger(size)) return undefined;
  const lines = (match[3] as string).split("\n").slice(1);
  const forks = lines.map((line) => {
    const [, at, evidence] = line.split(" ");
    return { size: Number(at), evidence: evidence as string };
  });
  return { origin, size, root: Buffer.from(match[2] as string, "base64"), forks };
}

/** What was signed, without its last line feed, when this log's key signed it. */
function signedText(origin: string, publicKey: KeyObject, note: string): string | undefined {
  if (note.length > NOTE_CHARACTERS_MAX) return undefined;
  const [text, signatures] = note.split("\n\n");
  if (text?.split("\n", 1)[0] !== origin) return undefined;
  const isSigned = (signatures ?? "").split("\n").some((line) => {
    const [dash, name, value] = line.split(" ");
    if (dash !== DASH || name !== origin) return false;
    const bytes = Buffer.from(value ?? "", "base64");
    const isOurs = bytes.subarray(0, KEY_ID_BYTES).equals(keyId(origin, publicKey));
    return isOurs && verify(null, Buffer.from(`${text}\n`), publicKey, bytes.subarray(KEY_ID_BYTES));
  });
  return isSigned ? text : undefined;
}

/** SHA-256(name || 0x0A || 0x01 || public key), its first four bytes. */
function keyId(origin: string, publicKey: KeyObject): Buffer {
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-RAW_KEY_BYTES);
  return createHash("sha256").update(`${origin}\n`).update(ED25519).update(raw).digest().subarray(0, KEY_ID_BYTES);
}
