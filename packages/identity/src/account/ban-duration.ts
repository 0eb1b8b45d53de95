// How long a ban lasts, in Go's spelling ("24h", "1h30m"), as Supabase's admin interface takes it; "none" lifts it.
import { IdentityError } from "../error/identity-error.ts";

const durationPattern = /^(?:\d{1,9}(?:\.\d{1,9})?(?:ns|us|µs|ms|s|m|h)){1,8}$/;
const partPattern = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;
const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
/** A thousand years: as good as for ever, and a date that PostgreSQL and JavaScript can write. */
const banMsMax = 1000 * 365 * 24 * 3_600_000;

/** Until when (ms), or null for no ban. @throws IdentityError validation_failed */
export function readBan(duration: string, now: number): number | null {
  if (duration === "none") return null;
  if (!durationPattern.test(duration)) {
    throw new IdentityError("validation_failed", { message: "invalid format for ban_duration" });
  }
  let total = 0;
  for (const [, amount = "", unit = ""] of duration.matchAll(partPattern))
    total += Number(amount) * (unitMs[unit] ?? 0);
  return now + Math.min(total, banMsMax);
}
