// What checks of sign-in by provider share: a browser that goes to the practice provider and comes back.
import { randomUUID } from "node:crypto";
import type { Answer } from "./edge-client.ts";
import { ProbeError } from "./probe-error.ts";
import type { ProbeSession } from "./session.ts";
import type { PracticePerson, PracticeProvider } from "./target.ts";

export const CALLBACK = "/auth/v1/callback";
export const ID_TOKEN = "/auth/v1/token?grant_type=id_token";
const FOUND = 302;

/** @throws ProbeError `probes/nothing-to-attack` where nobody signs in by a provider of ours */
export function requireProvider(session: ProbeSession): PracticeProvider {
  const provider = session.target.practiceProvider;
  if (provider !== undefined) return provider;
  throw new ProbeError(
    "probes/nothing-to-attack",
    "No provider that the prover could sign in at: the deployment knows none, or only real ones.",
    "The proving ground has one; there the same code is attacked.",
  );
}

export const makePerson = (session: ProbeSession, more: Partial<PracticePerson> = {}): PracticePerson => ({
  subject: randomUUID(),
  email: `probe-${randomUUID()}@${session.target.emailDomain ?? "probe.invalid"}`,
  isEmailVerified: true,
  ...more,
});

/** What a browser holds on its way back from the provider. */
export interface Away {
  /** Path and query of the callback. */
  readonly back: string;
  readonly cookie: string;
}

/** Sends a browser to the provider, where the person signs in. */
export async function goAway(session: ProbeSession, provider: PracticeProvider, person: PracticePerson): Promise<Away> {
  const asked = await session.positive(
    "a browser is sent to the provider",
    { method: "GET", path: `/auth/v1/authorize?provider=${encodeURIComponent(provider.name)}` },
    FOUND,
  );
  const back = new URL(await provider.signIn(String(asked.headers.location), person));
  return { back: `${back.pathname}${back.search}`, cookie: cookieOf(asked) };
}

/** The cookies of an answer as a browser sends them back. */
export const cookieOf = (answer: Answer): string =>
  [answer.headers["set-cookie"] ?? []]
    .flat()
    .map((one) => one.split(";")[0] ?? "")
    .join("; ");

/** Brings an ID token as an application does that has it from a provider. */
export async function bringIdToken(
  session: ProbeSession,
  provider: string,
  idToken: string,
  nonce?: string,
): Promise<Answer> {
  session.redaction.hide(idToken, "id-token");
  const body = { provider, id_token: idToken, ...(nonce === undefined ? {} : { nonce }) };
  // The bearer links nothing: it only keeps these attempts out of the route's count for the address, as in `guessPassword`.
  const { accessToken: bearer } = await session.people.guesser();
  const answer = await session.ask({ method: "POST", path: ID_TOKEN, bearer, body });
  for (const name of ["access_token", "refresh_token"]) {
    const token = (answer.json as Record<string, unknown> | undefined)?.[name];
    if (typeof token === "string") session.redaction.hide(token, name.replace("_", "-"));
  }
  return answer;
}

/** Opens the callback as a browser with these cookies does. */
export function comeBack(session: ProbeSession, { back, cookie }: Away): Promise<Answer> {
  return session.ask({ method: "GET", path: back, headers: cookie === "" ? {} : { cookie } });
}

/** The access token that the answer gives to the browser, or null. */
export function tokenIn(session: ProbeSession, answer: Answer): string | null {
  const location = URL.parse(String(answer.headers.location ?? ""));
  const token = new URLSearchParams(location?.hash.slice(1)).get("access_token");
  if (token !== null) session.redaction.hide(token, "access-token");
  return token;
}

/** Whose account a token opens; its account is removed with the check. */
export async function accountOf(
  session: ProbeSession,
  token: string,
): Promise<{ readonly id: string; readonly email: string }> {
  const answer = await session.positive(
    "a session opens its account",
    { method: "GET", path: "/auth/v1/user", bearer: token },
    200,
  );
  const { id = "", email = "" } = answer.json as { id?: string; email?: string };
  return { id, email };
}

/** Removes an account that a sign-in by provider made. */
export function removeAfterwards(session: ProbeSession, id: string): void {
  session.afterwards(async () => {
    await session.ask({ method: "DELETE", path: `/auth/v1/admin/users/${id}`, bearer: session.target.serviceKey });
  });
}
