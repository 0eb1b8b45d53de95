// A process that reads a secret and dies of an error that names it: what it says then is looked at by a check.
import { environmentSource, hideSecret } from "@holdfast/vault";
import { describeError } from "../describe-error.ts";
import { guardLastWords } from "../last-words.ts";
import { openTerminal } from "../terminal.ts";

const isGuarded = process.env["UNGUARDED"] === undefined;
const canary = (await environmentSource(process.env).read("CANARY"))?.value ?? "";
if (isGuarded) {
  hideSecret(canary, "canary");
  const terminal = openTerminal(process.stderr);
  guardLastWords((error) => {
    for (const line of describeError(error).lines) terminal.line(line);
  });
}
const cause = Object.assign(new Error(`no route for ${canary}`), { url: `smtps://user:${canary}@mail.invalid` });
setTimeout(() => {
  throw new Error(`connecting with ${canary} failed`, { cause });
}, 0);
