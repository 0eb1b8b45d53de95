// The page behind a mailed link. It says what the link does and has one button: programs that look at mail follow links, and
// press no buttons. It needs no script.
import { escapeHtml } from "../message/write-message.ts";
import type { VerifyType } from "./verify-type.ts";

export interface VerifyPage {
  readonly application: string;
  readonly type: VerifyType;
  /** Whose link it is. */
  readonly address: string;
  readonly token: string;
  /** `<origin>/auth/v1/verify/confirm`. */
  readonly action: string;
  /** The nonce that the gateway's policy for this page names; "" when it named none. */
  readonly nonce: string;
}

const words: Readonly<Partial<Record<VerifyType, readonly [string, string]>>> = {
  signup: ["Confirm your address", "Confirm the address"],
  recovery: ["Choose a new password", "Go on"],
  invite: ["Accept the invitation", "Accept"],
  email_change: ["Change your address", "Confirm the change"],
};

const style = `
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 26rem; padding: 1.5rem; }
h1 { font-size: 1.25rem; margin: 0 0 1rem; }
p { margin: 0 0 1.25rem; overflow-wrap: anywhere; }
button { font: inherit; padding: 0.75rem 1.25rem; border: 0; border-radius: 0.375rem; background: #1a4fd6; color: #ffffff; cursor: pointer; }
button:focus-visible { outline: 3px solid #ffb000; outline-offset: 2px; }
`;

/**
 * A referrer policy of its own: under the platform's `no-referrer` a browser would send `Origin: null` with the form, and no page of
 * ours does that (Fetch §3.2). The path, which holds the token, stays here in either case.
 */
export function verifyPage({ application, type, address, token, action, nonce }: VerifyPage): string {
  const [title, button] = words[type] ?? ["Sign in", "Sign in"];
  const text = escapeHtml;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="strict-origin"><meta name="robots" content="noindex">
<title>${text(title)} · ${text(application)}</title>
${nonce === "" ? "" : `<style nonce="${text(nonce)}">${style}</style>`}</head>
<body><main><h1>${text(title)}</h1>
<p>This is for <strong>${text(address)}</strong> at ${text(application)}. Go on only if you asked for it.</p>
<form method="post" action="${text(action)}">
<input type="hidden" name="type" value="${text(type)}"><input type="hidden" name="token" value="${text(token)}">
<button type="submit">${text(button)}</button>
</form></main></body></html>
`;
}
