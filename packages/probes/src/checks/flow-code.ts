import { errorWord } from "../accounts.ts";
import type { Check } from "../check.ts";
import type { Answer } from "../edge-client.ts";
import { mailedLink, press } from "../mail-attack.ts";
import { makePkce } from "../oauth-attack.ts";
import { carelessOAuthServer } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";

const RECOVER = "/auth/v1/recover";
const TOKEN = "/auth/v1/token?grant_type=pkce";

/** The code of a redirect is seen by histories, proxies and other applications: alone it must be worth nothing (RFC 7636). */
export const flowCode: Check = {
  id: "flow-code",
  title: "The code that a sign-in ends with is redeemed with another verifier, twice, or under the method plain.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V10.4.6", "V10.4.2"],
  wstg: ["WSTG-ATHZ-05"],
  events: ["signin.failed"],
  company: "together",
  sabotage: carelessOAuthServer,
  run: async (session) => {
    const pkce = makePkce();
    const code = await codeFor(session, pkce.challenge);
    const first = await redeem(session, code, pkce.verifier);
    session.require(first.status === 200, `a code with its verifier signs in (${errorWord(first)})`);
    judge(session, "the same code once more", await redeem(session, code, pkce.verifier));
    const stolen = await codeFor(session, pkce.challenge);
    judge(session, "a code with another verifier", await redeem(session, stolen, makePkce().verifier));
    judge(
      session,
      "a code that was tried with another verifier, with its own",
      await redeem(session, stolen, pkce.verifier),
    );
    judge(
      session,
      "a code with its challenge as verifier",
      await redeem(session, await codeFor(session, pkce.challenge), pkce.challenge),
    );
    for (const method of ["plain", "none"]) {
      const { email } = await session.victim();
      const answer = await session.ask({
        method: "POST",
        path: RECOVER,
        body: { email, code_challenge: pkce.verifier, code_challenge_method: method },
      });
      session.judge({
        request: `begin with the method ${method}`,
        expected: "refused with 400",
        got: `${answer.status} ${answer.status < 400 ? "begun" : errorWord(answer)}`,
        held: answer.status === 400,
      });
    }
    return await session.conclude(
      "A code was worth nothing without the verifier of whoever had begun, and worked once.",
    );
  },
};

/** Begins with a challenge, follows the link, and reads the code from where it leads. */
async function codeFor(session: ProbeSession, challenge: string): Promise<string> {
  const { email, accessToken } = await session.victim();
  const body = { email, code_challenge: challenge, code_challenge_method: "s256" };
  await session.positive(
    "a flow begins with a challenge",
    { method: "POST", path: RECOVER, bearer: accessToken, body },
    200,
  );
  const pressed = await press(session, await mailedLink(session, email, "recover"));
  const code = URL.parse(String(pressed.headers.location ?? ""))?.searchParams.get("code") ?? null;
  session.require(code !== null, "the link leads back with a code");
  session.redaction.hide(code ?? "", "flow-code");
  return code ?? "";
}

function redeem(session: ProbeSession, code: string, verifier: string): Promise<Answer> {
  return session.ask({
    method: "POST",
    path: TOKEN,
    headers: { "x-supabase-api-version": "2024-01-01" },
    body: { auth_code: code, code_verifier: verifier },
  });
}

function judge(session: ProbeSession, request: string, answer: Answer): void {
  for (const name of ["access_token", "refresh_token"]) {
    const token = (answer.json as Record<string, unknown> | undefined)?.[name];
    if (typeof token === "string") session.redaction.hide(token, name.replace("_", "-"));
  }
  session.judge({
    request,
    expected: "refused with 4xx, event signin.failed",
    got: `${answer.status} ${answer.status < 400 ? "signed in" : errorWord(answer)}`,
    held: answer.status >= 400 && answer.status < 500,
    event: { name: "signin.failed", correlation: answer.correlation },
  });
}
