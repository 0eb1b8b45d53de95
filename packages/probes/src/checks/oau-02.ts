import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import {
  type Away,
  accountOf,
  CALLBACK,
  comeBack,
  goAway,
  makePerson,
  removeAfterwards,
  requireProvider,
  tokenIn,
} from "../provider-attack.ts";
import { carelessProviderSignIn } from "../sabotages.ts";

const without = (back: string, name: string): string => {
  const url = new URL(back, "https://probe.invalid");
  url.searchParams.delete(name);
  return url.pathname + url.search;
};

export const oau02: Check = {
  ...fromAttackList("OAU-02"),
  title: "A browser is signed in by an answer that it never asked for: without a state, with a spent or another's.",
  kind: "attack",
  layers: ["identity"],
  events: ["provider.refused"],
  company: "together",
  needs: "practice",
  sabotage: carelessProviderSignIn,
  run: async (session) => {
    const provider = requireProvider(session);
    const mallory = makePerson(session);
    const mine = await goAway(session, provider, mallory);
    const token = tokenIn(session, await comeBack(session, mine));
    session.require(token !== null, "a browser that comes back is signed in");
    removeAfterwards(session, (await accountOf(session, token ?? "")).id);
    const victim = (await goAway(session, provider, makePerson(session))).cookie;
    const planted = () => goAway(session, provider, mallory);
    const attempts: [string, Away][] = [
      ["another's answer in the victim's browser", { ...(await planted()), cookie: victim }],
      ["another's answer in a browser without a mark", { ...(await planted()), cookie: "" }],
      ["an answer without a state", { back: without((await planted()).back, "state"), cookie: victim }],
      ["a state that nobody gave", { back: `${CALLBACK}?code=x&state=${"x".repeat(43)}`, cookie: victim }],
      ["a state that was spent", mine],
    ];
    for (const [name, away] of attempts) {
      const answer = await comeBack(session, away);
      const given = tokenIn(session, answer);
      session.judge({
        request: `GET ${CALLBACK}: ${name}`,
        expected: "no session, event provider.refused",
        got: given === null ? `${answer.status}, no session` : "a session",
        held: given === null,
        event: { name: "provider.refused", correlation: answer.correlation },
      });
    }
    return await session.conclude("Only the browser that had left was signed in by what came back, once.");
  },
};
