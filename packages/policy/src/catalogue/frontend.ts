// The browser and what it is given.
import { attackInterval, controlsOf } from "./control.ts";

export const frontend = controlsOf(
  {
    kind: "measure",
    phase: "Phase 2: Application Security (4 weeks)",
    section: "Week 4-5: Frontend Security",
    intervalSeconds: attackInterval,
  },
  [
    {
      id: "type-safety",
      line: "Type safety implementation",
      sentence:
        "Pages, API and policy share checked types, so that an undeclared role, table or column does not compile.",
      layers: ["browser", "api"],
      subjects: ["Secure development, code review, SAST"],
      checks: [],
    },
    {
      id: "protected-routes",
      line: "Protected routes",
      sentence:
        "A page opens only for subjects the policy lets in; others are sent to sign in or to the page for the unauthorised, never to a foreign address.",
      layers: ["browser", "edge"],
      subjects: ["Role-based access control"],
      checks: ["matrix-pages", "BRW-08"],
    },
    {
      id: "xss-protection",
      line: "XSS protection",
      sentence:
        "Text from a visitor is shown as text: nothing reflected or stored runs as script, and tokens are out of a script's reach.",
      layers: ["browser", "edge"],
      subjects: ["Output encoding, CSP"],
      checks: ["XSS-01", "XSS-02", "BRW-09"],
    },
    {
      id: "csrf-tokens",
      line: "CSRF tokens",
      sentence:
        "A change of state from a foreign site is refused, whatever form or method it takes, and no foreign origin may read an answer.",
      layers: ["edge", "browser"],
      subjects: ["CSRF and CORS"],
      checks: ["BRW-01", "BRW-02"],
    },
    {
      id: "csp-headers",
      line: "CSP headers",
      sentence:
        "Every page, error pages included, carries a strict policy with a fresh nonce and Trusted Types, and cannot be framed.",
      layers: ["edge", "browser"],
      subjects: ["Output encoding, CSP", "Security headers"],
      checks: ["BRW-04", "BRW-06"],
    },
    {
      id: "input-validation",
      line: "Input validation",
      sentence:
        "Input that is not what the schema says is refused before it reaches a service: no SQL, no prototype keys, no values of another type.",
      layers: ["browser", "edge", "api", "database"],
      subjects: ["Input validation", "SQL injection defence"],
      checks: ["INJ-01", "INJ-04", "INJ-08"],
    },
  ],
);
