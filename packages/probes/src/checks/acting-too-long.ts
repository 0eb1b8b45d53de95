import { actAs, requireActing } from "../acting-attack.ts";
import type { Check } from "../check.ts";
import { practiceAdministrator } from "../practice-administrators.ts";
import { carelessActing } from "../sabotages.ts";
import { OWN_ACCOUNT } from "../token-attack.ts";

const SECONDS_MAX = 1800;
const HOURS_SECONDS = 8 * 3600;
const MARGIN_SECONDS = 5;

export const actingTooLong: Check = {
  id: "acting-too-long",
  title: "An administrator acts as somebody else for longer than half an hour.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V7.3.2"],
  wstg: ["WSTG-SESS-07"],
  events: ["impersonation.begun", "impersonation.ended"],
  company: "together",
  sabotage: carelessActing,
  run: async (session) => {
    requireActing(session);
    const [administrator, victim] = [await practiceAdministrator(session), await session.victim()];
    const token = await actAs(session, administrator, victim, { seconds: HOURS_SECONDS });
    const seen = await session.positive(
      "whoever acts sees what the person sees",
      { method: "GET", path: OWN_ACCOUNT, bearer: token },
      200,
    );
    const { act } = seen.json as { readonly act?: { readonly sub?: string; readonly not_after?: string } };
    session.require(act?.sub === administrator.id, "the session says who acts");
    const seconds = (Date.parse(String(act?.not_after)) - seen.receivedAt - victim.aheadMs) / 1000;
    session.judge({
      request: `act as somebody for ${HOURS_SECONDS} s`,
      expected: `at most ${SECONDS_MAX} s`,
      got: `${Math.round(seconds)} s`,
      held: seconds <= SECONDS_MAX + MARGIN_SECONDS,
    });
    const left = await session.ask({ method: "POST", path: "/auth/v1/logout", bearer: token });
    session.judge({
      request: "stop acting",
      expected: "done, event impersonation.ended",
      got: String(left.status),
      held: left.status === 204,
      event: { name: "impersonation.ended", correlation: left.correlation },
    });
    return await session.conclude("Acting as somebody else ended in time, and its end was recorded.");
  },
};
