// The nonce of an ID token that a client brings (Supabase Auth's rule): the token holds the SHA-256 of what the client holds, so
// that whoever reads the token cannot use it. Either both are there or neither.
import { createHash, timingSafeEqual } from "node:crypto";

export function nonceHolds(claimed: string | undefined, given: string | undefined): boolean {
  if (claimed === undefined || given === undefined) return claimed === given;
  const expected = Buffer.from(createHash("sha256").update(given).digest("hex"));
  const found = Buffer.from(claimed);
  return expected.length === found.length && timingSafeEqual(expected, found);
}
