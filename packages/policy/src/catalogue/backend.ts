// The API and the edge before it.
import { attackInterval, controlsOf } from "./control.ts";

export const backend = controlsOf(
  {
    kind: "measure",
    phase: "Phase 2: Application Security (4 weeks)",
    section: "Week 6-7: Backend Security",
    intervalSeconds: attackInterval,
  },
  [
    {
      id: "request-validation",
      line: "Request validation",
      sentence:
        "Only requests with one meaning pass: known route, exact method and path, one length, a bounded body; everything ambiguous is refused at the edge.",
      layers: ["edge", "api"],
      subjects: ["Input validation", "WAF / edge filtering, smuggling"],
      checks: ["DOS-01", "AZ-05", "AZ-06", "NET-02", "INJ-05", "path-ids"],
    },
    {
      id: "rate-limiting",
      line: "Rate limiting",
      sentence:
        "Every route has a limit for each caller that neither a forged address nor another spelling of the path avoids, and guessing passwords is stopped early.",
      layers: ["edge", "identity"],
      subjects: ["Rate limiting", "Brute-force and lockout"],
      checks: ["RL-01", "RL-02", "MFA-01", "message-limits"],
    },
    {
      id: "api-security-headers",
      line: "API security headers",
      sentence:
        "Every answer, whatever its status, carries the security headers of its class, and answers to a signed-in caller are never stored by a cache.",
      layers: ["edge"],
      subjects: ["Security headers"],
      checks: ["BRW-05", "BRW-07"],
    },
    {
      id: "error-handling",
      line: "Error handling",
      sentence:
        "An error tells the caller a stable code and nothing of the inside, does not reveal who has an account, and a part that fails leaves nothing open.",
      layers: ["edge", "api", "identity"],
      subjects: ["Configuration baseline and drift"],
      checks: ["LOG-04", "LOG-05", "MFA-02", "sign-in-timing"],
    },
    {
      id: "logging-and-monitoring",
      line: "Logging and monitoring",
      sentence:
        "Each refusal is recorded with its reason and correlation before the answer is old, and no text from outside can forge or break a record.",
      layers: ["edge", "api", "identity", "monitoring"],
      subjects: ["Security event logging", "Monitoring and alerting"],
      checks: ["LOG-01", "LOG-02"],
    },
  ],
);
