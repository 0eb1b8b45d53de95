import { errorWord } from "../accounts.ts";
import type { Check } from "../check.ts";
import { carelessRule } from "../sabotages.ts";

export const removedFactor: Check = {
  id: "removed-factor",
  title: "A session goes on as if it had a second factor after that factor was removed.",
  kind: "attack",
  layers: ["identity", "edge"],
  asvs: ["V7.4.3"],
  wstg: ["WSTG-SESS-09"],
  events: ["session.ended"],
  company: "together",
  sabotage: carelessRule(
    "assurance-remembered",
    "What a session was once worth is remembered when the factor is gone.",
    "sessionAssurance",
    (proofs: readonly { readonly method: string }[]) =>
      proofs.some(({ method }) => method === "totp") ? "aal2" : "aal1",
  ),
  run: async (session) => {
    const { account: owner, factor } = await session.accounts.withSecondFactor(await session.victim());
    const bearer = owner.accessToken;
    await session.positive("a session at aal2 works", { method: "GET", path: "/auth/v1/user", bearer }, 200);
    const removal = await session.positive(
      "the owner removes the only factor",
      { method: "DELETE", path: `/auth/v1/factors/${factor.id}`, bearer },
      200,
    );
    const after = await session.ask({ method: "GET", path: "/auth/v1/user", bearer });
    session.judge({
      request: "the access token that says aal2, after its factor was removed",
      expected: "refused with 401 or 403, event session.ended at the removal",
      got: `${after.status} ${after.status < 400 ? "accepted" : errorWord(after)}`,
      held: after.status === 401 || after.status === 403,
      event: { name: "session.ended", correlation: removal.correlation },
    });
    const refreshed = await session.ask({
      method: "POST",
      path: "/auth/v1/token?grant_type=refresh_token",
      bearer: session.target.serviceKey,
      body: { refresh_token: owner.refreshToken },
    });
    session.judge({
      request: "the refresh token of that session",
      expected: "refused with 400",
      got: `${refreshed.status} ${refreshed.status < 400 ? "answered" : errorWord(refreshed)}`,
      held: refreshed.status === 400,
    });
    const again = await session.accounts.signIn(owner);
    session.require(again.subject.assurance === "aal1", "the next sign-in is worth aal1");
    return await session.conclude("A session that had proven a factor ended with it, and the next one was worth aal1.");
  },
};
