// The words of every message, as text and as HTML. Nothing that a stranger typed is ever part of one: who signs up with somebody
// else's address must not be able to write to them through us.
import type { Policy } from "@holdfast/policy";
import type { Message, MessageKind, Recipient } from "./message.ts";

export interface MessageFacts {
  readonly to: Recipient;
  readonly kind: MessageKind;
  /** Built from the policy's origin, never from a header. */
  readonly link?: string;
  readonly code?: string;
  /** How long the link may be used, and the code unless that is shorter. */
  readonly seconds?: number;
  readonly codeSeconds?: number;
}

interface Words {
  readonly subject: string;
  readonly before: string;
  /** What the link does, as a button. */
  readonly action?: string;
  readonly after: string;
}

const notYou = "If it was not you, do nothing: without your confirmation nothing happens.";
const warn = "If it was not you, choose a new password now, and end the sessions you do not know.";

const notice = (subject: string, before: string): Words => ({ subject, before, after: warn });

const words: Readonly<Record<MessageKind, (name: string) => Words>> = {
  "confirm-sign-up": (name) => ({
    subject: `Confirm your address for ${name}`,
    before: `Somebody signed up for ${name} with this address.`,
    action: "Confirm the address",
    after: `If it was not you, do nothing: without your confirmation there is no account.`,
  }),
  "address-taken": (name) => ({
    subject: `You have an account at ${name} already`,
    before: `Somebody tried to sign up for ${name} with this address, which has an account. If it was you, sign in, or ask for a new password there.`,
    action: `Open ${name}`,
    after: "If it was not you, there is nothing to do.",
  }),
  "sign-in": (name) => ({
    subject: `Sign in to ${name}`,
    before: `Somebody asked to sign in to ${name} with this address.`,
    action: "Sign in",
    after: `${notYou} Never tell the code to anybody.`,
  }),
  recover: (name) => ({
    subject: `Choose a new password for ${name}`,
    before: `Somebody asked for a new password of this address at ${name}.`,
    action: "Choose a new password",
    after: `${notYou} Your password stays as it is.`,
  }),
  invite: (name) => ({
    subject: `An invitation to ${name}`,
    before: `An administrator of ${name} has made an account for you.`,
    action: "Accept the invitation",
    after: "If you did not expect it, do nothing.",
  }),
  "confirm-email-change": (name) => ({
    subject: `Confirm the change of your address at ${name}`,
    before: `Somebody asked to change the address of an account at ${name}. Both the old address and the new one have to confirm it.`,
    action: "Confirm the change",
    after: notYou,
  }),
  reauthenticate: (name) => ({
    subject: `Your code for ${name}`,
    before: `Somebody who is signed in to ${name} as you wants to change how you sign in.`,
    after: "If it was not you, do not tell the code to anybody, and end the sessions you do not know.",
  }),
  "phone-code": (name) => ({ subject: `Your code for ${name}`, before: `Your code for ${name}:`, after: "" }),
  "password-changed": (name) =>
    notice(`Your password at ${name} was changed`, `The password of your account at ${name} was changed.`),
  "address-changed": (name) =>
    notice(`Your address at ${name} was changed`, `The address of your account at ${name} was changed.`),
  "factor-added": (name) =>
    notice(`A second factor was added at ${name}`, `Your account at ${name} has a new second factor.`),
  "factor-removed": (name) =>
    notice(`A second factor was removed at ${name}`, `A second factor of your account at ${name} was removed.`),
  "passkey-added": (name) => notice(`A passkey was added at ${name}`, `Your account at ${name} has a new passkey.`),
  "passkey-removed": (name) =>
    notice(`A passkey was removed at ${name}`, `A passkey of your account at ${name} was removed.`),
  "recovery-codes-made": (name) =>
    notice(
      `New recovery codes at ${name}`,
      `Your account at ${name} has new recovery codes; earlier ones no longer work.`,
    ),
  "identity-linked": (name) =>
    notice(`A sign-in was linked at ${name}`, `Your account at ${name} can be signed in to through another provider.`),
  "identity-unlinked": (name) =>
    notice(
      `A sign-in was unlinked at ${name}`,
      `Your account at ${name} can no longer be signed in to through one of its providers.`,
    ),
  "account-deleted": (name) =>
    notice(`Your account at ${name} was deleted`, `Your account at ${name} was deleted by somebody signed in to it.`),
};

/** The message in our words. */
export function writeMessage({ application }: Policy, facts: MessageFacts): Message {
  const said = words[facts.kind](application.name);
  const { to, kind, link, code } = facts;
  return {
    to,
    kind,
    subject: said.subject,
    text: to.kind === "phone" ? shortText(application, facts, said) : textOf(said, facts),
    html: htmlOf(said, facts, application),
    ...(link === undefined ? {} : { link }),
    ...(code === undefined ? {} : { code }),
  };
}

const secondsPerMinute = 60;
const secondsPerHour = 3600;
const lasts = (seconds: number): string =>
  seconds > secondsPerHour && seconds % secondsPerHour === 0
    ? `${seconds / secondsPerHour} hours`
    : `${Math.max(1, Math.round(seconds / secondsPerMinute))} minutes`;

function usable({ code, link, seconds, codeSeconds = seconds }: MessageFacts): string | undefined {
  if (seconds === undefined || codeSeconds === undefined) return undefined;
  if (codeSeconds === seconds || code === undefined || link === undefined)
    return `This can be used once, within ${lasts(seconds)}.`;
  return `This can be used once: the link within ${lasts(seconds)}, the code within ${lasts(codeSeconds)}.`;
}

function textOf(said: Words, facts: MessageFacts): string {
  const { link, code } = facts;
  const lasting = usable(facts);
  const parts = [said.before];
  if (link !== undefined) parts.push(`${said.action ?? "Open"}:\n${link}`);
  if (code !== undefined) parts.push(`${link === undefined ? "The code" : "Or type this code"}: ${code}`);
  if (lasting !== undefined) parts.push(lasting);
  return `${[...parts, said.after].filter((part) => part !== "").join("\n\n")}\n`;
}

/** One text message; the last line lets a browser fill in the code for our origin only (WICG Web OTP). */
function shortText({ origin }: Policy["application"], { code, seconds }: MessageFacts, said: Words): string {
  if (code === undefined) return said.before;
  const lasting = seconds === undefined ? "" : ` It can be used once, within ${lasts(seconds)}.`;
  return `${said.before} ${code}.${lasting}\n\n@${new URL(origin).hostname} #${code}`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it may stand anywhere in HTML, in a quoted attribute too. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (letter) => entities[letter] ?? "");

const paragraph = (text: string): string => `<p style="margin:0 0 16px">${escapeHtml(text)}</p>`;

function htmlOf(said: Words, facts: MessageFacts, { name, origin }: Policy["application"]): string {
  const { link, code } = facts;
  const lasting = usable(facts);
  const parts = [paragraph(said.before)];
  if (link !== undefined) {
    const style =
      "display:inline-block;padding:12px 20px;border-radius:6px;background:#1a4fd6;color:#ffffff;text-decoration:none";
    parts.push(
      `<p style="margin:0 0 16px"><a href="${escapeHtml(link)}" style="${style}">${escapeHtml(said.action ?? "Open")}</a></p>`,
    );
  }
  if (code !== undefined) {
    parts.push(paragraph(link === undefined ? "The code:" : "Or type this code:"));
    parts.push(`<p style="margin:0 0 16px;font-size:28px;letter-spacing:4px"><strong>${escapeHtml(code)}</strong></p>`);
  }
  if (lasting !== undefined) parts.push(paragraph(lasting));
  if (said.after !== "") parts.push(paragraph(said.after));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(said.subject)}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1c1c1c;background:#ffffff">
<div style="max-width:560px">
<h1 style="font-size:20px;margin:0 0 16px">${escapeHtml(said.subject)}</h1>
${parts.join("\n")}
<p style="margin:24px 0 0;font-size:14px;color:#5c5c5c">${escapeHtml(name)} · ${escapeHtml(origin)}</p>
</div></body></html>
`;
}
