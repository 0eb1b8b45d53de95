import { createHash } from "node:crypto";
import { canonicalJson, type Policy } from "@holdfast/policy";

/** SHA-256 of the policy's canonical JSON, in hexadecimal: evidence belongs to the policy it was gathered under. */
export function policyHash(policy: Policy): string {
  return createHash("sha256").update(canonicalJson(policy)).digest("hex");
}
