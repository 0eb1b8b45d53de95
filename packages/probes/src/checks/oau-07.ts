import { createHash, randomUUID } from "node:crypto";
import { errorWord } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import {
  accountOf,
  bringIdToken,
  ID_TOKEN,
  makePerson,
  removeAfterwards,
  requireProvider,
} from "../provider-attack.ts";
import { carelessProviderSignIn } from "../sabotages.ts";

const ATTACKER_ISSUER = "https://attacker.invalid";

const hashed = (nonce: string): string => createHash("sha256").update(nonce).digest("hex");

export const oau07: Check = {
  ...fromAttackList("OAU-07"),
  title: "An ID token signs somebody in though it was made for another client or another moment, or by another issuer.",
  kind: "attack",
  layers: ["identity"],
  events: ["provider.refused"],
  company: "together",
  needs: "practice",
  sabotage: carelessProviderSignIn,
  run: async (session) => {
    const provider = requireProvider(session);
    const { subject: sub, email } = makePerson(session);
    const claims = { sub, email, email_verified: true };
    const nonce = randomUUID();
    const genuine = await provider.idToken({ ...claims, nonce: hashed(nonce) });
    const first = await bringIdToken(session, provider.name, genuine, nonce);
    const token = (first.json as { access_token?: string } | undefined)?.access_token;
    session.require(first.status === 200 && token !== undefined, "a genuine ID token with its nonce signs in");
    removeAfterwards(session, (await accountOf(session, token ?? "")).id);

    const other = () => provider.idToken({ ...claims, nonce: hashed(randomUUID()) });
    const attempts: [string, string, string | undefined][] = [
      ["the ID token of a moment ago, once more", genuine, nonce],
      ["an ID token with another nonce", await other(), nonce],
      ["an ID token with a nonce that the client does not know", await other(), undefined],
      ["an ID token without the client's nonce", await provider.idToken(claims), randomUUID()],
      ["an ID token for another client", await provider.idToken({ ...claims, aud: "another-client" }), undefined],
      ["an ID token of another issuer", await provider.idToken({ ...claims, iss: ATTACKER_ISSUER }), undefined],
      ["an ID token that has run out", await provider.idToken({ ...claims, exp: 1 }), undefined],
    ];
    for (const [name, idToken, given] of attempts) {
      const answer = await bringIdToken(session, provider.name, idToken, given);
      session.judge({
        request: `POST ${ID_TOKEN}: ${name}`,
        expected: "refused with 400, event provider.refused",
        got: answer.status === 200 ? "a session" : `${answer.status} ${errorWord(answer)}`,
        held: answer.status === 400,
        event: { name: "provider.refused", correlation: answer.correlation },
      });
    }
    return await session.conclude(
      "An ID token signed in once, for this client, with its nonce, from the pinned issuer.",
    );
  },
};
