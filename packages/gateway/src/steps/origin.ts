import type { Step, StepOutcome } from "../step.ts";

const COOKIE_CREDENTIAL = /(?:^|;\s*)__Host-/;

/**
 * A change must come from our own pages. Fetch Metadata first; where a browser sends none, the exact Origin; where neither
 * is present, nothing that a cookie authenticates (OWASP CSRF cheat sheet; ASVS 3.5.1–3.5.3). A method override is never
 * honoured: the header is not passed on, and decisions use the method of the request line.
 */
export const origin: Step = {
  name: "origin",
  when: "request",
  applies: (route) =>
    route.kind === "service" && route.method !== "GET" && route.method !== "HEAD" && !route.isOpenToOtherSites,
  run({ raw, gateway }): StepOutcome {
    const { cookie, origin: from, "sec-fetch-site": site } = raw.headers;
    if (from !== undefined && from !== gateway.origin) return { code: "origin-refused", reason: "foreign-origin" };
    if (site === "same-origin") return undefined;
    const bearsCookie = cookie !== undefined && COOKIE_CREDENTIAL.test(cookie);
    if (site !== undefined) {
      // "none" is a person's own act, which no page can cause, yet no page of ours sends a change that way either.
      return site === "none" && !bearsCookie ? undefined : { code: "origin-refused", reason: "foreign-site" };
    }
    if (from !== undefined || !bearsCookie) return undefined;
    return { code: "origin-refused", reason: "unknown-origin" };
  },
};
