// The end of a flow that began with a challenge (PKCE, RFC 7636): the browser comes back with a code, and only whoever holds the
// verifier gets the session for it, once.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { findAccount } from "../account/account-store.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { issueOnce, spendOnce } from "../once/once.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { beginSession, type SessionAnswer } from "../session/session-answer.ts";
import type { AuthenticationMethod } from "../token/access-token.ts";

/** As in Supabase Auth. */
const flowCodeSeconds = 300;
const nonceBytes = 12;
const tagBytes = 16;

/** A provider's own tokens, which go to the client and are kept nowhere. */
export interface HandedOn {
  readonly provider_token: string;
  readonly provider_refresh_token?: string;
}

export interface Flow {
  readonly userId: string;
  readonly codeChallenge: string;
  readonly method: AuthenticationMethod["method"];
  readonly handedOn?: HandedOn;
}

interface FlowPayload {
  readonly codeChallenge: string;
  readonly method: AuthenticationMethod["method"];
  /** `handedOn` under a key that the database does not hold. */
  readonly sealed?: string;
}

/** The code for `?code=`. */
export async function issueFlowCode(context: IdentityContext, flow: Flow): Promise<string> {
  const { userId, codeChallenge, method, handedOn } = flow;
  const payload: FlowPayload = {
    codeChallenge,
    method,
    ...(handedOn === undefined ? {} : { sealed: seal(context, userId, JSON.stringify(handedOn)) }),
  };
  const { secret } = await issueOnce(context, {
    purpose: "flow-code",
    subject: userId,
    userId,
    seconds: flowCodeSeconds,
    payload: { ...payload },
    secret: "token",
  });
  return secret;
}

/** @throws IdentityError flow_state_not_found, bad_code_verifier, user_banned, conflict */
export async function redeemFlowCode(
  context: IdentityContext,
  caller: Caller,
  code: string,
  verifier: string,
): Promise<SessionAnswer> {
  const spent = await spendOnce(context, { purpose: "flow-code", secret: code });
  if (spent === null || spent.userId === null) throw refused(context, caller, "flow_state_not_found");
  const { codeChallenge, method, sealed } = spent.payload as unknown as FlowPayload;
  if (!context.rules.isVerifierOf(codeChallenge, verifier)) {
    throw refused(context, caller, "bad_code_verifier", spent.userId);
  }
  const account = await findAccount(context.database, spent.userId);
  if (account === null || account.deletedAt !== null) {
    throw refused(context, caller, "flow_state_not_found", spent.userId);
  }
  const { session, answer } = await beginSession(context, caller, account, method);
  emitEvent(context, caller, "signin.succeeded", { subject: account.id, sessionId: session.id, reason: "flow-code" });
  if (sealed === undefined) return answer;
  const handedOn = JSON.parse(open(context, account.id, sealed)) as HandedOn;
  return { ...answer, body: { ...answer.body, ...handedOn } };
}

function refused(
  context: IdentityContext,
  caller: Caller,
  code: "flow_state_not_found" | "bad_code_verifier",
  subject?: string,
): IdentityError {
  const reason = code.replaceAll("_", "-");
  emitEvent(context, caller, "signin.failed", { ...(subject === undefined ? {} : { subject }), reason });
  return new IdentityError(code);
}

function seal(context: IdentityContext, boundTo: string, text: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", context.keys.derive("provider-token"), nonce);
  cipher.setAAD(Buffer.from(boundTo));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url");
}

function open(context: IdentityContext, boundTo: string, text: string): string {
  const bytes = Buffer.from(text, "base64url");
  const decipher = createDecipheriv(
    "aes-256-gcm",
    context.keys.derive("provider-token"),
    bytes.subarray(0, nonceBytes),
  );
  decipher.setAAD(Buffer.from(boundTo));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString("utf8");
}
