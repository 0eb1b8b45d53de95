// A proof of growth as files that anybody verifies with bash, openssl and sha256sum, without us and without the database.
import type { GrowthProof } from "./prove-growth.ts";

const SCRIPT = `#!/usr/bin/env bash
# Verifies with openssl and sha256sum that the tree of "later" only adds to the tree of "earlier": both signatures (Ed25519), then
# the hashes in "consistency" from the one root to the other (RFC 9162, section 2.1.4.2).
# Compare audit-key.pem and the checkpoint "earlier" with those you were given before.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
bytes() { printf '%b' "$(printf '%s' "$1" | sed 's/../\\\\x&/g')"; }
node() { bytes "01$1$2" | sha256sum | cut -d' ' -f1; }
signed() {
  sed '/^$/,$d' "$1" > "$work/text"
  sed -n '/^$/,$p' "$1" | sed -n 's/^[^ ]* [^ ]* //p' | openssl base64 -d -A | tail -c +5 > "$work/signature"
  openssl pkeyutl -verify -pubin -inkey audit-key.pem -rawin -in "$work/text" -sigfile "$work/signature"
}
root() { sed -n 3p "$1" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n'; }
fail() { echo "later: does not only add to earlier"; exit 1; }
signed earlier
signed later
first=$(sed -n 2p earlier); second=$(sed -n 2p later); old=$(root earlier); new=$(root later)
proof=$(cat consistency)
if [ "$first" -gt "$second" ]; then fail; fi
if [ "$first" -eq 0 ] || [ "$first" -eq "$second" ]; then
  if [ -n "$proof" ]; then fail; fi
  if [ "$first" -ne 0 ] && [ "$old" != "$new" ]; then fail; fi
  echo "later: only adds to earlier"; exit 0
fi
if [ $((first & (first - 1))) -eq 0 ]; then proof="$old $proof"; fi
fn=$((first - 1)); sn=$((second - 1))
while [ $((fn & 1)) -eq 1 ]; do fn=$((fn >> 1)); sn=$((sn >> 1)); done
fr=""
for hash in $proof; do
  if [ -z "$fr" ]; then fr=$hash; sr=$hash; continue; fi
  if [ "$sn" -eq 0 ]; then fail; fi
  if [ $((fn & 1)) -eq 1 ] || [ "$fn" -eq "$sn" ]; then
    fr=$(node "$hash" "$fr"); sr=$(node "$hash" "$sr")
    while [ $((fn & 1)) -eq 0 ] && [ "$fn" -ne 0 ]; do fn=$((fn >> 1)); sn=$((sn >> 1)); done
  else
    sr=$(node "$sr" "$hash")
  fi
  fn=$((fn >> 1)); sn=$((sn >> 1))
done
if [ "$sn" -ne 0 ] || [ "$fr" != "$old" ] || [ "$sr" != "$new" ]; then fail; fi
echo "later: only adds to earlier"
`;

/** Names and contents: the two checkpoints, the public key, the hashes between them, and the script that verifies them. */
export function growthFiles({ earlier, later, publicKeyPem, proof }: GrowthProof): Readonly<Record<string, string>> {
  const consistency = proof.map((hash) => `${hash}\n`).join("");
  return { earlier, later, "audit-key.pem": publicKeyPem, consistency, "verify.sh": SCRIPT };
}
