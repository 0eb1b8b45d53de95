// Mail by SMTP (RFC 5321). Beyond loopback nothing leaves without TLS: a link in a mail is a credential.
import { createTransport } from "nodemailer";
import { IdentityError } from "../error/identity-error.ts";
import type { Message, Messenger } from "./message.ts";

export interface SmtpSettings {
  /** `smtps://user:password@host:465`, or `smtp://…:587` with STARTTLS. A secret. */
  readonly url: string;
  /** The sender's address. */
  readonly from: string;
}

export interface SmtpMessenger extends Messenger {
  close(): void;
}

const connectionsMax = 3;
const connectMs = 10_000;
const silenceMs = 30_000;

const isLoopback = (host: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(host);

/** @throws IdentityError validation_failed when the settings cannot be used; the message holds no secret */
export function createSmtpMessenger({ url, from }: SmtpSettings): SmtpMessenger {
  const at = URL.canParse(url) ? new URL(url) : null;
  if (at === null || !/^smtps?:$/.test(at.protocol) || at.hostname === "") {
    throw new IdentityError("validation_failed", { message: "The SMTP URL must be smtps://user:password@host:port" });
  }
  if (!/^[^\s@<>]+@[^\s@<>]+$/.test(from)) {
    throw new IdentityError("validation_failed", { message: "The sender of mail must be one address" });
  }
  const isSecure = at.protocol === "smtps:";
  const host = at.hostname.replace(/^\[|\]$/g, "");
  const transport = createTransport({
    pool: true,
    maxConnections: connectionsMax,
    host,
    port: at.port === "" ? (isSecure ? 465 : 587) : Number(at.port),
    secure: isSecure,
    requireTLS: !isSecure && !isLoopback(at.hostname),
    tls: { minVersion: "TLSv1.2" },
    ...(at.username === ""
      ? {}
      : { auth: { user: decodeURIComponent(at.username), pass: decodeURIComponent(at.password) } }),
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: silenceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    carries: ["email"],
    send: async (message) => {
      await transport.sendMail(mailOf(message, from));
    },
    close: () => transport.close(),
  };
}

/** Asks for the URL at each mail: one with another password, or of another server, needs no restart. */
export async function createRenewedSmtp(url: () => Promise<string>, from: string): Promise<SmtpMessenger> {
  const first = await url();
  let current = { url: first, messenger: createSmtpMessenger({ url: first, from }) };
  return {
    carries: ["email"],
    async send(message, id) {
      const wanted = await url();
      if (wanted !== current.url) {
        const before = current.messenger;
        current = { url: wanted, messenger: createSmtpMessenger({ url: wanted, from }) };
        before.close();
      }
      await current.messenger.send(message, id);
    },
    close: () => current.messenger.close(),
  };
}

function mailOf({ to, subject, text, html }: Message, from: string) {
  if (to.kind !== "email") throw new Error("SMTP carries messages to email addresses only.");
  return {
    from,
    // As an object, so that nothing in the address is read as a list of addresses.
    to: { name: "", address: to.address },
    subject,
    text,
    html,
    // RFC 3834: no automatic answers to automatic mail.
    headers: { "auto-submitted": "auto-generated" },
  };
}
