import type { Step, StepOutcome } from "../step.ts";

const HOST = "host";

/**
 * One Host field, equal to the host of the policy's origin, and an absolute-form target only if it names the same origin
 * (RFC 9112 §3.2, §3.2.2). Node accepts two Host fields, and an absolute form that contradicts Host.
 */
export const host: Step = {
  name: "host",
  when: "request",
  run({ raw, gateway }): StepOutcome {
    const { rawHeaders } = raw;
    let named: string | undefined;
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const spelled = rawHeaders[at] as string;
      if (spelled.length !== HOST.length || spelled.toLowerCase() !== HOST) continue;
      if (named !== undefined) return { code: "host-malformed", reason: "duplicate-host" };
      named = rawHeaders[at + 1] as string;
    }
    if (named === undefined || named === "") return { code: "host-malformed", reason: "missing-host" };
    if (named !== gateway.host && named.toLowerCase() !== gateway.host)
      return { code: "host-unknown", reason: "foreign-host" };
    const url = raw.url ?? "";
    if (url.charCodeAt(0) === 47 || url.startsWith(`${gateway.origin}/`)) return undefined;
    return { code: "host-unknown", reason: "foreign-target" };
  },
};
