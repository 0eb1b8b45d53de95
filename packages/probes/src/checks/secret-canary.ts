import { randomBytes } from "node:crypto";
import type { Check } from "../check.ts";

/** A key with its content, not the words that a program looks for it with. */
const SECRET_SHAPES =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{32}|AKIA[0-9A-Z]{16}|postgres(?:ql)?:\/\/[^\s"'`$]+:[^\s"'`@$]+@|whsec_[A-Za-z0-9+/]{32}/u;
/** What stands around the canary wherever it was provoked; without it nothing was looked at. */
const AROUND = "connecting with";

export const secretCanary: Check = {
  id: "secret-canary",
  title:
    "A secret that the deployment has read is found in an event, on a terminal, in a crash, a bundle or the repository.",
  kind: "attack",
  layers: ["monitoring", "browser"],
  asvs: ["V16.2.5", "V13.4.1"],
  wstg: ["WSTG-INFO-05"],
  events: [],
  company: "together",
  sabotage: {
    name: "outputs-unguarded",
    sentence: "The deployment does not know what it has read as a secret, and writes errors as they come.",
    hole: { kind: "outputs", change: ({ gather }) => ({ gather: (canary) => gather(canary, false) }) },
  },
  run: async (session) => {
    const { outputs } = session.target;
    session.require(outputs !== undefined, "what the deployment writes can be gathered");
    const canary = `canary-${randomBytes(18).toString("base64url")}`;
    session.redaction.hide(canary, "canary");
    const gathered = (await outputs?.gather(canary, true)) ?? [];
    session.require(gathered.length > 3, "it writes somewhere");
    const { serviceKey } = session.target;
    const secrets: readonly (readonly [string, string])[] = [
      ["the canary", canary],
      ["the canary, encoded", Buffer.from(canary).toString("base64").replace(/=+$/, "")],
      ["the service key", serviceKey],
    ];
    for (const { place, text, isProvoked } of gathered) {
      session.require(text.length > 0 && (!isProvoked || text.includes(AROUND)), `${place} holds something`);
      const known = secrets.find(([, secret]) => text.includes(secret))?.[0];
      const found = known ?? (isProvoked ? undefined : SECRET_SHAPES.exec(text)?.[0]?.slice(0, 16));
      session.judge({
        request: `search ${place}`,
        expected: "no secret",
        got: found ?? "none",
        held: found === undefined,
      });
    }
    return await session.conclude(`${gathered.length} places were searched; no secret was there.`);
  },
};
