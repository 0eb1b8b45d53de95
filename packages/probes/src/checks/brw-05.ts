import { everyKindOfAnswer } from "../answers.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { withoutStep } from "../sabotages.ts";

/** ASVS 5.0 §3.4.1. */
const HSTS_SECONDS_MIN = 31_536_000;
/** What tells an attacker what is running (ASVS 5.0 §13.4.6). */
const TELLTALES = ["server", "x-powered-by", "x-aspnet-version", "via"] as const;

export const brw05: Check = {
  ...fromAttackList("BRW-05"),
  title: "A security header is missing on some status or path, or a header tells what is running.",
  kind: "attack",
  layers: ["browser", "edge"],
  events: [],
  company: "together",
  sabotage: withoutStep("headers", "The gateway adds no header to its answers."),
  run: async (session) => {
    for (const { name, isPage, headers } of await everyKindOfAnswer(session)) {
      const faults = faultsOf(headers, isPage);
      session.judge({
        request: `read the headers of ${name}`,
        expected: "every security header, none that tells too much",
        got: faults.join(", ") || "complete",
        held: faults.length === 0,
      });
    }
    return await session.conclude("Every kind of answer, also those made before routing, bears the security headers.");
  },
};

function faultsOf(headers: Readonly<Record<string, string>>, isPage: boolean): string[] {
  const maxAge = Number(/max-age=(\d+)/u.exec(headers["strict-transport-security"] ?? "")?.[1] ?? 0);
  const referrer = headers["referrer-policy"] ?? "";
  return [
    ...(maxAge >= HSTS_SECONDS_MIN ? [] : ["strict-transport-security"]),
    ...(headers["x-content-type-options"] === "nosniff" ? [] : ["x-content-type-options"]),
    ...(/^(?:no-referrer|same-origin|strict-origin(?:-when-cross-origin)?)$/u.test(referrer)
      ? []
      : ["referrer-policy"]),
    ...(headers["cross-origin-resource-policy"] === "same-origin" ? [] : ["cross-origin-resource-policy"]),
    ...(isPage && headers["cross-origin-opener-policy"] !== "same-origin" ? ["cross-origin-opener-policy"] : []),
    ...(isPage && (headers["permissions-policy"] ?? "") === "" ? ["permissions-policy"] : []),
    // The old auditor could itself be abused; only 0 turns it off.
    ...(["0", undefined].includes(headers["x-xss-protection"]) ? [] : ["x-xss-protection is not 0"]),
    ...TELLTALES.filter((name) => headers[name] !== undefined).map((name) => `${name} is told`),
  ];
}
