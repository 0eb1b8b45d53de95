import { ACTING_REASON, beginActing, judgeBeginning } from "../acting-attack.ts";
import type { Check } from "../check.ts";
import { practiceAdministrator } from "../practice-administrators.ts";
import { carelessActing } from "../sabotages.ts";

export const actingAsOthers: Check = {
  id: "acting-as-others",
  title: "Somebody acts as an administrator, or somebody who is none acts as anybody.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V7.5.1", "V8.2.1"],
  wstg: ["WSTG-ATHZ-03"],
  events: ["impersonation.refused"],
  company: "together",
  sabotage: carelessActing,
  run: async (session) => {
    const [administrator, other] = [await practiceAdministrator(session), await practiceAdministrator(session)];
    const [victim, stranger] = [await session.victim(), await session.victim()];
    const attempts = [
      ["act as another administrator", administrator, other],
      ["act as an administrator, as anybody", victim, other],
      ["act as somebody, as anybody", victim, stranger],
      ["act as oneself", administrator, administrator],
    ] as const;
    for (const [what, who, whom] of attempts) {
      const answer = await beginActing(session, who, { user_id: whom.id, reason: ACTING_REASON });
      judgeBeginning(session, what, answer);
    }
    return await session.conclude(
      session.policy.identity.impersonation
        ? "Only administrators acted as somebody else, and as ordinary people only."
        : "Nobody acts as somebody else here: the policy has it off.",
    );
  },
};
