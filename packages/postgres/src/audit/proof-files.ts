// A proof as files that anybody verifies with bash, openssl and sha256sum, without us and without the database.
import type { RowProof } from "./prove-row.ts";

const SCRIPT = `#!/usr/bin/env bash
# Verifies with openssl and sha256sum that each leaf-*.json stands in the tree whose root is signed in "checkpoint":
# the signature (Ed25519), then SHA-256(0x00 leaf) up to the root by SHA-256(0x01 left right) (RFC 6962, section 2.1).
# Compare audit-key.pem and the checkpoint with those you were given before.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
bytes() { printf '%b' "$(printf '%s' "$1" | sed 's/../\\\\x&/g')"; }
sed '/^$/,$d' checkpoint > "$work/text"
sed -n '/^$/,$p' checkpoint | sed -n 's/^[^ ]* [^ ]* //p' | openssl base64 -d -A | tail -c +5 > "$work/signature"
openssl pkeyutl -verify -pubin -inkey audit-key.pem -rawin -in "$work/text" -sigfile "$work/signature"
root=$(sed -n 3p checkpoint | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')
for leaf in leaf-*.json; do
  hash=$({ bytes 00; cat "$leaf"; } | sha256sum | cut -d' ' -f1)
  while read -r side sibling; do
    if [ "$side" = left ]; then pair=$sibling$hash; else pair=$hash$sibling; fi
    hash=$(bytes "01$pair" | sha256sum | cut -d' ' -f1)
  done < "\${leaf%.json}.path"
  if [ "$hash" != "$root" ]; then echo "$leaf: not in the tree"; exit 1; fi
  echo "$leaf: in the tree"
done
`;

/** Names and contents: the checkpoint, the public key, each leaf with its path to the root, and the script that verifies them. */
export function proofFiles({ checkpoint, publicKeyPem, leaves }: RowProof): Readonly<Record<string, string>> {
  const ofLeaves = leaves.flatMap(({ position, entry, path }) => [
    [`leaf-${position}.json`, entry],
    [`leaf-${position}.path`, path.map(({ side, hash }) => `${side} ${hash}\n`).join("")],
  ]);
  return {
    checkpoint,
    "audit-key.pem": publicKeyPem,
    "verify.sh": SCRIPT,
    ...(Object.fromEntries(ofLeaves) as Record<string, string>),
  };
}
