// Mails a link and a code. Both are the same token: whichever is used first, the other is spent with it.
import { accountLabel } from "../account/email-address.ts";
import type { IdentityContext } from "../identity-context.ts";
import type { MessageKind } from "../message/message.ts";
import { writeMessage } from "../message/write-message.ts";
import { type Issued, issueOnce } from "../once/once.ts";
import type { OncePurpose } from "../once/purpose.ts";
import type { Caller } from "../request/caller.ts";
import type { Delivery } from "./delivery.ts";
import type { VerifyType } from "./verify-type.ts";

export interface LinkRequest {
  readonly purpose: OncePurpose;
  readonly type: VerifyType;
  /** Normalised. */
  readonly email: string;
  /** The account it is for; null while there is none. */
  readonly userId: string | null;
  readonly delivery: Delivery;
  /** What following the link will install. */
  readonly payload?: Readonly<Record<string, unknown>>;
}

export interface Link extends Issued {
  /** `<origin>/auth/v1/verify?…`, built from the policy's origin alone (GHSA-3529-5m8x-rpv3). */
  readonly link: string;
}

/** What confirms an address may wait for whoever reads mail once a day; what signs in may not (ASVS 5.0 V6.5.5). */
const confirmations: readonly OncePurpose[] = ["confirm-sign-up", "invite", "change-email-current", "change-email-new"];

function lifetimes({ policy }: IdentityContext, purpose: OncePurpose) {
  const { codeSeconds, confirmationSeconds } = policy.identity.email;
  return confirmations.includes(purpose)
    ? { seconds: confirmationSeconds, codeSeconds: Math.min(codeSeconds, confirmationSeconds) }
    : { seconds: codeSeconds, codeSeconds };
}

/** Makes the token. A decoy costs the same and opens nothing. */
export async function makeLink(context: IdentityContext, request: LinkRequest, decoy?: "decoy"): Promise<Link> {
  const { purpose, type, email, userId, payload = {} } = request;
  const { issuer = context.issuer, ...delivery } = request.delivery;
  const issued = await issueOnce(context, {
    purpose,
    subject: email,
    userId,
    ...lifetimes(context, purpose),
    payload: { ...payload, delivery },
    secret: "both",
    decoy: decoy !== undefined,
  });
  return { ...issued, link: verifyLink(context, issuer, { type, token: issued.secret }, delivery.redirectTo) };
}

function verifyLink(
  context: IdentityContext,
  issuer: string,
  { type, token }: { readonly type: VerifyType; readonly token: string },
  redirectTo: string,
): string {
  const parameters = new URLSearchParams({ token, type });
  // For the answer to a link that is dead; a living one knows itself.
  if (redirectTo !== `${context.policy.application.origin}/`) parameters.set("redirect_to", redirectTo);
  return `${issuer}/verify?${parameters}`;
}

/** Makes the token and mails it. */
export async function sendLink(
  context: IdentityContext,
  caller: Caller,
  kind: MessageKind,
  request: LinkRequest,
): Promise<void> {
  const { link, code } = await makeLink(context, request);
  const { email: address, userId, purpose } = request;
  const lasting = lifetimes(context, purpose);
  const message = writeMessage(context.policy, { to: { kind: "email", address }, kind, link, code, ...lasting });
  context.outbox.post(message, {
    caller,
    account: accountLabel(address),
    ...(userId === null ? {} : { subject: userId }),
  });
}

/** The work of mailing a link, for an address that gets none. */
export async function sendNothing(context: IdentityContext, request: LinkRequest): Promise<void> {
  await makeLink(context, request, "decoy");
}
