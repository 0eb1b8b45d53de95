// Verifies a proof of the audit log with nothing of the log's own code: the note's signature (C2SP signed-note, Ed25519), and the way of
// each leaf to the signed root (RFC 6962, section 2.1).
import { createHash, verify } from "node:crypto";

export interface AuditProof {
  readonly checkpoint: string;
  readonly publicKeyPem: string;
  readonly leaves: readonly {
    readonly entry: string;
    readonly path: readonly { readonly side: "left" | "right"; readonly hash: string }[];
  }[];
}

const KEY_ID_BYTES = 4;

/** What is wrong with it; undefined: every leaf stands in the tree that was signed. */
export function faultOf({ checkpoint, publicKeyPem, leaves }: AuditProof): string | undefined {
  const [text = "", signatures = ""] = checkpoint.split("\n\n");
  const signature = Buffer.from(signatures.trim().split(" ")[2] ?? "", "base64").subarray(KEY_ID_BYTES);
  if (!verify(null, Buffer.from(`${text}\n`), publicKeyPem, signature)) return "the checkpoint is not signed";
  const root = Buffer.from(text.split("\n")[2] ?? "", "base64");
  const isAstray = leaves.some(({ entry, path }) => !rootOf(entry, path).equals(root));
  if (isAstray) return "a leaf does not lead to the signed root";
  return leaves.length === 0 ? "there is no leaf" : undefined;
}

const sha256 = (...parts: readonly Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();

function rootOf(entry: string, path: AuditProof["leaves"][number]["path"]): Buffer {
  return path.reduce(
    (hash, { side, hash: hex }) => {
      const sibling = Buffer.from(hex, "hex");
      return side === "left" ? sha256(Buffer.of(1), sibling, hash) : sha256(Buffer.of(1), hash, sibling);
    },
    sha256(Buffer.of(0), Buffer.from(entry)),
  );
}
