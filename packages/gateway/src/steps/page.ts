import { randomFillSync } from "node:crypto";
import type { Step, StepOutcome } from "../step.ts";

/** 128 bits (CSP3 §7.1; ASVS 3.4.3). */
const NONCE_BYTES = 16;
const POOL_BYTES = NONCE_BYTES * 256;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** A fresh nonce; random bytes are drawn for 256 of them at a time. */
export function drawNonce(): string {
  if (used === POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const nonce = pool.toString("base64", used, used + NONCE_BYTES);
  // Nothing of the pool is left to read once it has been given away.
  pool.fill(0, used, used + NONCE_BYTES);
  used += NONCE_BYTES;
  return nonce;
}

/** The site's index.html with a fresh nonce in the places that the build marked, and only there. */
export const page: Step = {
  name: "page",
  when: "request",
  applies: (route) => route.kind === "page",
  run(request): StepOutcome {
    const { route, gateway } = request;
    if (route.kind !== "page") return undefined;
    const site = gateway.sites.get(route.site);
    if (site === undefined) return { code: "internal-error", reason: "no-site" };
    request.nonce = drawNonce();
    request.answer(200, "html", ["content-type", "text/html; charset=utf-8"], site.page.join(request.nonce));
    return "answered";
  },
};
