// The browser is back from the provider. First the state: whatever has none, a spent one, or another browser's is refused before
// the provider is asked anything. Refusals go back to the application as Supabase Auth writes them, never to where the answer
// says.
import { IdentityError } from "../error/identity-error.ts";
import { issueFlowCode } from "../flow/flow-code.ts";
import type { IdentityContext } from "../identity-context.ts";
import { spendOnce } from "../once/once.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { beginSession } from "../session/session-answer.ts";
import { type Attempt, callbackUrl } from "./begin-sign-in.ts";
import type { Provider, ProviderTokens, Redeemed } from "./provider.ts";
import { withParameters } from "./return-url.ts";
import { linkIdentity, settleIdentity } from "./settle-identity.ts";

/** What the provider put into the address, or into its form. */
export type CallbackAnswer = Readonly<Record<string, string>>;

const stateCharactersMax = 128;
const serverErrorsFrom = 500;

/** Where the browser goes next. */
export async function completeProviderSignIn(
  context: IdentityContext,
  caller: Caller,
  answer: CallbackAnswer,
  browser: string | null,
): Promise<string> {
  const home = `${context.policy.application.origin}/`;
  const attempt = await spendState(context, caller, answer.state, browser);
  if (attempt === null) return withError(home, new IdentityError("bad_oauth_state"));
  try {
    return await settle(context, caller, answer, attempt);
  } catch (error) {
    // A refusal of ours is told to the application; a failure of ours is a failure.
    if (error instanceof IdentityError && error.status < serverErrorsFrom) return withError(attempt.redirectTo, error);
    throw error;
  }
}

async function spendState(
  context: IdentityContext,
  caller: Caller,
  state: string | undefined,
  browser: string | null,
): Promise<Attempt | null> {
  const refuse = (reason: string): null => {
    emitEvent(context, caller, "provider.refused", { reason });
    return null;
  };
  if (state === undefined || state === "" || state.length > stateCharactersMax) return refuse("state-missing");
  const subject = context.rules.stateSubject(browser ?? "");
  if (browser === null && subject === "") return refuse("browser-unknown");
  const spent = await spendOnce(context, { purpose: "provider-state", subject, secret: state });
  return spent === null ? refuse("state-unknown") : (spent.payload as unknown as Attempt);
}

async function settle(
  context: IdentityContext,
  caller: Caller,
  answer: CallbackAnswer,
  attempt: Attempt,
): Promise<string> {
  const provider = context.providers.get(attempt.provider);
  if (provider === undefined) throw new IdentityError("oauth_provider_not_supported");
  if (answer.error !== undefined) {
    const detail = { provider: provider.name };
    emitEvent(context, caller, "provider.refused", { reason: "provider-said-no", detail });
    const isDenied = answer.error === "access_denied";
    return withParameters(attempt.redirectTo, {
      error: isDenied ? "access_denied" : "server_error",
      error_code: isDenied ? "provider_access_denied" : "bad_oauth_callback",
      error_description: isDenied ? "The sign-in was refused at the provider" : "The provider reports an error",
    });
  }
  const { identity, tokens } = await redeem(context, caller, provider, answer, attempt);
  const account =
    attempt.link === null
      ? await settleIdentity(context, caller, identity)
      : await linkIdentity(context, caller, attempt.link, identity);
  const handedOn = handOn(tokens);
  if (attempt.codeChallenge !== null) {
    const { codeChallenge } = attempt;
    const code = await issueFlowCode(context, { userId: account.id, codeChallenge, method: "oauth", handedOn });
    return withParameters(attempt.redirectTo, { code });
  }
  const begun = await beginSession(context, caller, account, "oauth");
  emitEvent(context, caller, "signin.succeeded", {
    subject: account.id,
    sessionId: begun.session.id,
    reason: "provider",
    detail: { provider: provider.name },
  });
  const { user: _user, ...session } = begun.answer.body;
  return withParameters(attempt.redirectTo, { ...session, ...handedOn }, "fragment");
}

const handOn = ({ accessToken, refreshToken }: ProviderTokens) => ({
  provider_token: accessToken,
  ...(refreshToken === undefined ? {} : { provider_refresh_token: refreshToken }),
});

/** @throws IdentityError bad_oauth_callback */
async function redeem(
  context: IdentityContext,
  caller: Caller,
  provider: Provider,
  answer: CallbackAnswer,
  { nonce, codeVerifier }: Attempt,
): Promise<Redeemed> {
  const detail = { provider: provider.name };
  const { state = "" } = answer;
  const back = new URL(withParameters(callbackUrl(context), answer));
  let redeemed: Redeemed | null;
  try {
    redeemed = await provider.redeem(back, { state, nonce, codeVerifier });
  } catch (cause) {
    // Whatever the provider, its tokens or the way there got wrong is one refusal; which one it was stands in the event.
    const fault = cause as { readonly code?: unknown; readonly name?: string };
    const found = typeof fault.code === "string" ? fault.code : (fault.name ?? "unknown");
    emitEvent(context, caller, "provider.refused", {
      reason: "answer-refused",
      detail: { ...detail, fault: found.slice(0, 64) },
    });
    throw new IdentityError("bad_oauth_callback", { cause });
  }
  if (redeemed !== null) return redeemed;
  emitEvent(context, caller, "provider.refused", { reason: "nobody-named", detail });
  throw new IdentityError("bad_oauth_callback");
}

const forbiddenFrom = 401;

/** The words of RFC 6749 §4.1.2.1 with Supabase Auth's code and sentence beside them. */
function withError(url: string, error: IdentityError): string {
  const word = error.status < forbiddenFrom ? "invalid_request" : "access_denied";
  return withParameters(url, { error: word, error_code: error.code, error_description: error.message });
}
