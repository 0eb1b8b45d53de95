// A way to sign in whose codes nobody carries is none: it would look open in the policy and let nobody in.
import type { Policy } from "@holdfast/policy";
import { IdentityError } from "../error/identity-error.ts";
import type { Messenger } from "./message.ts";

/** @throws IdentityError validation_failed: the policy wants text messages, and the messenger carries none */
export function requireCarrier({ identity }: Policy, { carries }: Pick<Messenger, "carries">): void {
  if (carries.includes("phone")) return;
  const settings = [
    ...(identity.phone.signIn ? ["identity.phone.signIn"] : []),
    ...(identity.factors.phone ? ["identity.factors.phone"] : []),
  ];
  if (settings.length === 0) return;
  throw new IdentityError("validation_failed", {
    message: `The policy sends codes by text message (${settings.join(", ")}), and the messenger carries only mail`,
  });
}
