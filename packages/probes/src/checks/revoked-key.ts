import type { Check } from "../check.ts";
import { refusals } from "../refusals.ts";
import { carelessRule } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";
import { OWN_ACCOUNT } from "../token-attack.ts";

const KEYS = "/auth/v1/admin/keys";
const PUBLISHED = "/auth/v1/.well-known/jwks.json";

interface Keys {
  readonly signing_keys: readonly { readonly kid: string; readonly state: string }[];
}

export const revokedKey: Check = {
  id: "revoked-key",
  title: "A token works after the key that signed it was revoked, or a revoked key is still published.",
  kind: "attack",
  asvs: ["V9.1.3", "V11.1.2"],
  wstg: ["WSTG-SESS-10"],
  layers: ["identity", "edge"],
  events: ["edge.token-refused"],
  company: "alone",
  sabotage: carelessRule("believes-revoked-keys", "Revoked keys are believed.", "believesKey", () => true),
  run: async (session) => {
    // Revoking a key refuses tokens of real people: only where nobody else lives.
    if (session.target.clock) await leak(session);
    const bearer = session.target.serviceKey;
    const listed = await session.positive("the keys are listed", { method: "GET", path: KEYS, bearer }, 200);
    const published = await session.positive("the keys are published", { method: "GET", path: PUBLISHED }, 200);
    const shown = (published.json as { keys: readonly Record<string, unknown>[] }).keys;
    const states = new Map((listed.json as Keys).signing_keys.map(({ kid, state }) => [kid, state]));
    for (const key of shown) {
      const state = states.get(String(key["kid"])) ?? "unknown";
      session.judge({
        request: "a published key",
        expected: "one that is current or retired, and only its public half",
        got: "d" in key ? "its private half" : state,
        held: !("d" in key) && ["current", "retired"].includes(state),
      });
    }
    return await session.conclude("Tokens of a revoked key were refused; every published key is one that is believed.");
  },
};

/** A key that signs for a moment only, so that what this run holds besides is not signed by it. */
async function leak(session: ProbeSession): Promise<void> {
  const bearer = session.target.serviceKey;
  await session.positive("the signing key is rotated", { method: "POST", path: KEYS, bearer, body: {} }, 200);
  const victim = await session.victim();
  await session.positive("the signing key is rotated again", { method: "POST", path: KEYS, bearer, body: {} }, 200);
  const own = { method: "GET", path: OWN_ACCOUNT, bearer: victim.accessToken };
  await session.positive("a token of the key before is believed", own, 200);
  const [header = ""] = victim.accessToken.split(".");
  const { kid } = JSON.parse(Buffer.from(header, "base64url").toString()) as { kid: string };
  await session.positive("the key is revoked", { method: "DELETE", path: `${KEYS}/${kid}`, bearer }, 200);
  await session.expectRefused(own, refusals.token, "a token of a key that was revoked");
}
