import { errorWord } from "../accounts.ts";
import type { Check } from "../check.ts";
import {
  type Away,
  accountOf,
  comeBack,
  cookieOf,
  goAway,
  makePerson,
  removeAfterwards,
  requireProvider,
  tokenIn,
} from "../provider-attack.ts";
import { carelessProviderSignIn } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";
import type { PracticePerson, PracticeProvider } from "../target.ts";

const AUTHORIZE = "/auth/v1/user/identities/authorize";

/** CVE-2026-9087: a proof that was for an account and a provider, not for the identity there, let one be linked as another. */
export const providerLink: Check = {
  id: "provider-link",
  title: "Somebody links an identity that another account has, or has theirs linked to an attacker's account.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V6.8.1", "V10.5.2"],
  wstg: ["WSTG-ATHZ-05"],
  events: ["provider.refused"],
  company: "together",
  needs: "practice",
  sabotage: carelessProviderSignIn,
  run: async (session) => {
    const provider = requireProvider(session);
    session.require(session.policy.identity.linking, "the policy lets people link identities");
    const owner = makePerson(session);
    const token = tokenIn(session, await comeBack(session, await goAway(session, provider, owner)));
    session.require(token !== null, "somebody signs in by the provider");
    const { id } = await accountOf(session, token ?? "");
    removeAfterwards(session, id);
    const thief = await session.victim();
    await judge(session, "link an identity that another account has", {
      back: await goLink(session, provider, thief.accessToken, owner),
      accessToken: thief.accessToken,
      subject: owner.subject,
    });
    const [attacker, victim] = [await session.victim(), makePerson(session)];
    const planted = await goLink(session, provider, attacker.accessToken, victim);
    const browser = (await goAway(session, provider, makePerson(session))).cookie;
    await judge(session, "have a victim's browser finish a link that the attacker began", {
      back: { ...planted, cookie: browser },
      accessToken: attacker.accessToken,
      subject: victim.subject,
    });
    const honest = await goLink(session, provider, attacker.accessToken, makePerson(session));
    await comeBack(session, honest);
    await judge(session, "use the proof of one link for another identity", {
      back: { ...honest, back: await otherAnswer(session, provider, honest, victim) },
      accessToken: attacker.accessToken,
      subject: victim.subject,
    });
    const still = tokenIn(session, await comeBack(session, await goAway(session, provider, owner)));
    session.judge({
      request: "sign in by the identity that was attacked",
      expected: "the account it had before",
      got: still !== null && (await accountOf(session, still)).id === id ? "the same" : "another one, or none",
      held: still !== null && (await accountOf(session, still)).id === id,
    });
    return await session.conclude("An identity belonged to the account that linked it, in the browser that had begun.");
  },
};

interface Linking {
  readonly back: Away;
  readonly accessToken: string;
  readonly subject: string;
}

async function judge(session: ProbeSession, request: string, { back, accessToken, subject }: Linking): Promise<void> {
  const answer = await comeBack(session, back);
  tokenIn(session, answer);
  const account = await session.positive(
    "whoever linked reads their account",
    { method: "GET", path: "/auth/v1/user", bearer: accessToken },
    200,
  );
  const isLinked = account.text.includes(subject);
  session.judge({
    request,
    expected: "not linked, event provider.refused",
    got: `${answer.status} ${errorWord(answer)}, ${isLinked ? "linked" : "not linked"}`,
    held: !isLinked,
    event: { name: "provider.refused", correlation: answer.correlation },
  });
}

/** Begins a link in this session and signs in at the provider as this person. */
async function goLink(
  session: ProbeSession,
  provider: PracticeProvider,
  bearer: string,
  person: PracticePerson,
): Promise<Away> {
  const path = `${AUTHORIZE}?provider=${encodeURIComponent(provider.name)}&skip_http_redirect=true`;
  const begun = await session.positive("a link begins", { method: "GET", path, bearer }, 200);
  const { url } = begun.json as { readonly url: string };
  const back = new URL(await provider.signIn(url, person));
  return { back: `${back.pathname}${back.search}`, cookie: cookieOf(begun) };
}

/** The state of one link with the code that another person was given for it. */
async function otherAnswer(
  session: ProbeSession,
  provider: PracticeProvider,
  { back }: Away,
  person: PracticePerson,
): Promise<string> {
  const other = new URL((await goAway(session, provider, person)).back, session.target.origin);
  other.searchParams.set("state", new URL(back, session.target.origin).searchParams.get("state") ?? "");
  return `${other.pathname}${other.search}`;
}
