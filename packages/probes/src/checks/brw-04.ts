import { everyKindOfAnswer } from "../answers.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { openPage, openToAnyone } from "../pages.ts";
import { ANONYMOUS } from "../people.ts";
import { withoutStep } from "../sabotages.ts";

const NONCE = /'nonce-([A-Za-z0-9+/=_-]+)'/u;
/** 128 bits in base64 (CSP3 §7.1). */
const NONCE_LENGTH_MIN = 22;

export const brw04: Check = {
  ...fromAttackList("BRW-04"),
  title: "A content security policy is absent, weak, or missing on some kind of answer.",
  kind: "attack",
  layers: ["browser", "edge"],
  events: [],
  company: "together",
  sabotage: withoutStep("headers", "The gateway adds no header to its answers."),
  run: async (session) => {
    for (const { name, isPage, headers } of await everyKindOfAnswer(session)) {
      const faults = isPage
        ? pageFaults(headers["content-security-policy"] ?? "")
        : apiFaults(headers["content-security-policy"] ?? "");
      session.judge({
        request: `read the policy of ${name}`,
        expected: "a strict content security policy",
        got: faults.join(", ") || "strict",
        held: faults.length === 0,
      });
    }
    const page = openToAnyone(session.policy, ANONYMOUS.subject);
    if (page) {
      const nonces = await Promise.all(
        [1, 2].map(
          async () =>
            NONCE.exec(String((await openPage(session, page.path)).headers["content-security-policy"] ?? ""))?.[1] ??
            "",
        ),
      );
      session.judge({
        request: "open the same page twice",
        expected: "two nonces of at least 128 bits",
        got: nonces[0] === nonces[1] ? "the same nonce" : "two nonces",
        held: nonces[0] !== nonces[1] && nonces.every((nonce) => nonce.length >= NONCE_LENGTH_MIN),
      });
    }
    return await session.conclude("Every kind of answer bears a strict content security policy; nonces are fresh.");
  },
};

function directives(policy: string): Map<string, string> {
  return new Map(
    policy
      .split(";")
      .map((part) => part.trim())
      .filter(Boolean)
      .map((part) => [part.split(/\s+/u)[0] ?? "", part]),
  );
}

function commonFaults(policy: string): string[] {
  const known = directives(policy);
  const none = (name: string): boolean => known.get(name) === `${name} 'none'`;
  return [
    ...(policy === "" ? ["absent"] : []),
    ...(none("default-src") ? [] : ["default-src is not 'none'"]),
    ...(none("base-uri") ? [] : ["base-uri is not 'none'"]),
    ...(none("frame-ancestors") ? [] : ["frame-ancestors is not 'none'"]),
    ...(/'unsafe-(?:inline|eval|hashes)'|\s\*|\shttps?:(?:\s|;|$)/u.test(policy)
      ? ["allows unsafe or any source"]
      : []),
  ];
}

/** An answer that is no page needs nothing at all. */
function apiFaults(policy: string): string[] {
  return [...commonFaults(policy), ...(/script-src|style-src/u.test(policy) ? ["names sources"] : [])];
}

function pageFaults(policy: string): string[] {
  const script = directives(policy).get("script-src") ?? "";
  return [
    ...commonFaults(policy),
    ...(NONCE.test(script) ? [] : ["script-src without a nonce"]),
    ...(policy.includes("require-trusted-types-for 'script'") ? [] : ["no Trusted Types"]),
    ...(/object-src 'none'/u.test(policy) || /default-src 'none'/u.test(policy) ? [] : ["object-src open"]),
  ];
}
