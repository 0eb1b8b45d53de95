// A refusal as a person reads it who has opened an address in a browser: the same status, reason and request id as the problem,
// in a page without a script, under the same content security policy as every page. Its texts are fixed, like the problem's.
import type { Policy } from "@holdfast/policy";
import { problems, type Refusal } from "./problem.ts";

/** Browsers ask for HTML by name when somebody opens an address; scripts and tools do not. */
export function asksForPage(accept: string | undefined): boolean {
  return accept?.includes("text/html") === true;
}

const STYLE = `:root{color-scheme:light dark;font:1.0625rem/1.6 system-ui,sans-serif}
body{margin:0;display:grid;min-height:100vh;place-items:center;background:Canvas;color:CanvasText}
main{box-sizing:border-box;width:min(38rem,100%);padding:2rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}
p{margin:.5rem 0}
small{overflow-wrap:anywhere}
a{color:LinkText}`;

/** What to try, by status; the others say enough by their title. */
const hints: Readonly<Record<number, string>> = {
  401: "Sign in, then open it again.",
  403: "Your account does not have the right to it.",
  404: "The address may be mistyped, or what was there is gone.",
  429: "Wait a little, then try again.",
};
const FAILURE_HINT = "Try again in a moment. If it happens again, tell whoever runs this site the number below.";
const FAILURE_STATUS_MIN = 500;

/** The page of a refusal, with a fresh nonce for its style. */
export function problemPage(refusal: Refusal, requestId: string, nonce: string, policy: Policy): string {
  const { status, title } = problems[refusal.code];
  // A name of letters, digits and dashes: nothing of it can be markup.
  const { name } = policy.application;
  const hint = hints[status] ?? (status >= FAILURE_STATUS_MIN ? FAILURE_HINT : undefined);
  const hasStart = Object.values(policy.sites).some(({ pages }) => "/" in pages);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – ${name}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${hint === undefined ? "" : `<p>${hint}</p>\n`}${hasStart ? '<p><a href="/">To the start page</a></p>\n' : ""}<p><small>Status ${status} · request ${requestId}</small></p>
</main>
</body>
</html>
`;
}
