// Does a password belong to a stored hash? One function for each scheme; a queue stands in front of them (password-hasher.ts).
import { createCipheriv, scrypt, timingSafeEqual } from "node:crypto";
import { verify as verifyArgon2 } from "@node-rs/argon2";
import { verify as verifyBcrypt } from "@node-rs/bcrypt";
import type { FirebaseScryptHash, StoredHash } from "./stored-hash.ts";

/** bcrypt reads no further; what stands behind was never part of the hash. */
const bcryptBytesMax = 72;

/** Does the hash belong to the password, byte for byte as it is given? */
export async function compareHash(hash: StoredHash, password: string): Promise<boolean> {
  switch (hash.kind) {
    case "argon2":
      return await verifyArgon2(hash.text, password);
    case "bcrypt": {
      const matches = await verifyBcrypt(password, hash.text);
      // Of a longer password only the beginning was compared: that proves nothing about the rest, so it is no match.
      return matches && Buffer.byteLength(password, "utf8") <= bcryptBytesMax;
    }
    case "firebase-scrypt":
      return await matchesFirebaseScrypt(hash, password);
  }
}

const keyBytes = 32;
const scryptBlockBytes = 128;
/** node:crypto counts a little more than the blocks themselves. */
const memorySlackBytes = 1_048_576;

/** The signer key, encrypted by AES-256-CTR under what scrypt makes of the password, is the hash. */
async function matchesFirebaseScrypt(hash: FirebaseScryptHash, password: string): Promise<boolean> {
  const N = 2 ** hash.log2N;
  const maxmem = scryptBlockBytes * hash.r * (N + hash.p) + memorySlackBytes;
  const salt = Buffer.concat([hash.salt, hash.saltSeparator]);
  const key = await new Promise<Buffer>((resolve, reject) => {
    scrypt(password, salt, keyBytes, { N, r: hash.r, p: hash.p, maxmem }, (error, derived) => {
      if (error === null) resolve(derived);
      else reject(error);
    });
  });
  const cipher = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  const digest = Buffer.concat([cipher.update(hash.signerKey), cipher.final()]);
  return digest.length === hash.digest.length && timingSafeEqual(digest, hash.digest);
}
