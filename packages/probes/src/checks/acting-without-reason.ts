import { actAs, beginActing, judgeBeginning, requireActing } from "../acting-attack.ts";
import type { Check } from "../check.ts";
import { practiceAdministrator } from "../practice-administrators.ts";
import { carelessActing } from "../sabotages.ts";

export const actingWithoutReason: Check = {
  id: "acting-without-reason",
  title: "An administrator acts as somebody and says not why, or without a second factor.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V7.5.3", "V8.2.1"],
  wstg: ["WSTG-ATHZ-03"],
  events: ["impersonation.refused"],
  company: "together",
  sabotage: carelessActing,
  run: async (session) => {
    requireActing(session);
    const [administrator, victim] = [await practiceAdministrator(session), await session.victim()];
    const weak = await session.victim([session.policy.platform.administrator]);
    await actAs(session, administrator, victim);
    for (const reason of [" ", "ok", "\t\n\u00a0"]) {
      const answer = await beginActing(session, administrator, { user_id: victim.id, reason });
      judgeBeginning(session, `act as somebody with the reason ${JSON.stringify(reason)}`, answer);
    }
    const answer = await beginActing(session, weak, { user_id: victim.id, reason: "A check acts as somebody." });
    judgeBeginning(session, "act as somebody in a session without a second factor", answer);
    return await session.conclude("Acting as somebody else took a reason and a second factor.");
  },
};
