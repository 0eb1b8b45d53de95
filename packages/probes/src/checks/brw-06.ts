import { everyKindOfAnswer } from "../answers.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { withoutStep } from "../sabotages.ts";

export const brw06: Check = {
  ...fromAttackList("BRW-06"),
  title: "A page or an answer can be framed by another site.",
  kind: "attack",
  layers: ["browser", "edge"],
  events: [],
  company: "together",
  sabotage: withoutStep("headers", "The gateway adds no header to its answers."),
  run: async (session) => {
    for (const { name, headers } of await everyKindOfAnswer(session)) {
      const ancestors = /frame-ancestors ([^;]+)/u.exec(headers["content-security-policy"] ?? "")?.[1]?.trim();
      const old = headers["x-frame-options"];
      session.judge({
        request: `read who may frame ${name}`,
        expected: "nobody (frame-ancestors 'none', X-Frame-Options DENY)",
        got: `${ancestors ?? "anybody"}, ${old ?? "anybody"}`,
        held: ancestors === "'none'" && old === "DENY",
      });
    }
    return await session.conclude("No kind of answer can be framed.");
  },
};
