// Text messages by a signed request to whoever sends them: the body of Supabase Auth's send-SMS hook, so that what was written for
// that receives ours. A code that nobody else may read leaves over TLS alone, and reaches nothing inside the network.
import { isLoopbackHost } from "../egress/address-range.ts";
import { createGuardedFetch, EgressError } from "../egress/guarded-fetch.ts";
import { IdentityError } from "../error/identity-error.ts";
import { type Message, type Messenger, Undelivered } from "./message.ts";
import { readWebhookSecrets, signWebhook } from "./webhook-signature.ts";

export interface SmsSettings {
  /** `https://…`: whoever sends text messages. */
  readonly url: string;
  /** `v1,whsec_<base64>`, asked for at each message. A secret. */
  readonly secret: () => Promise<string>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Certificates (PEM) besides the system's that the receiver may come from. */
  readonly authorityPem?: string;
}

// RFC 9110 §15.5: these may pass, every other 4xx is about the request itself.
const requestTimeout = 408;
const tooManyRequests = 429;
const okFrom = 200;
const failedFrom = 300;
const serverErrorFrom = 500;

/** @throws IdentityError validation_failed when the settings cannot be used; the message holds no secret */
export async function createSmsMessenger(settings: SmsSettings): Promise<Messenger> {
  const { url, secret, now, authorityPem } = settings;
  const at = URL.parse(url);
  if (at === null || at.protocol !== "https:" || at.username !== "" || at.hash !== "") {
    throw new IdentityError("validation_failed", { message: "The URL of text messages must be https://host/path" });
  }
  readWebhookSecrets(await secret());
  const fetch = createGuardedFetch(isLoopbackHost(at.hostname), authorityPem === undefined ? {} : { authorityPem });
  return {
    carries: ["phone"],
    async send(message, id) {
      const body = JSON.stringify(bodyOf(message));
      const headers = {
        "content-type": "application/json",
        ...signWebhook(readWebhookSecrets(await secret()), { id, at: now(), body }),
      };
      const { status } = await fetch(url, { method: "POST", headers, body }).catch((error: unknown) => {
        throw new Undelivered(error instanceof EgressError ? error.fault : "unreachable", false, error);
      });
      if (status >= okFrom && status < failedFrom) return;
      const mayPass = status >= serverErrorFrom || status === requestTimeout || status === tooManyRequests;
      throw new Undelivered(`answer-${status}`, !mayPass);
    },
  };
}

/** `user.phone` and `sms.otp` are what Supabase Auth sends; `text` is the whole message in our words. */
function bodyOf({ to, kind, text, code }: Message) {
  if (to.kind !== "phone") throw new Undelivered("not-carried", true);
  const phone = `+${to.address}`;
  return { user: { phone }, sms: { ...(code === undefined ? {} : { otp: code }), phone, text, type: kind } };
}
