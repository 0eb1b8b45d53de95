import { randomBytes } from "node:crypto";
import { sessionFrom } from "../accounts.ts";
import type { Check } from "../check.ts";
import { collectionFor, makeRequest } from "../object-routes.ts";
import { carelessCredentials } from "../sabotages.ts";
import { sealedFamilies } from "../sealed-objects.ts";
import { OWN_ACCOUNT } from "../token-attack.ts";

/** An account made anew with the id of a deleted one has its rows back, as whoever restores a backup has: their texts must stay closed. */
export const deletedAccountKeys: Check = {
  id: "deleted-account-keys",
  title: "What was sealed for somebody can still be read after their account was deleted.",
  kind: "attack",
  layers: ["identity", "database"],
  asvs: ["V14.2.7", "V11.1.1"],
  wstg: ["WSTG-CRYP-04"],
  events: [],
  company: "together",
  sabotage: carelessCredentials,
  run: async (session) => {
    const owner = await session.victim();
    const families = sealedFamilies(session, owner).filter(
      ({ family, rule, column }) => family.listable && rule.columns[column]?.sealed?.subject,
    );
    const made: { readonly list: string; readonly canary: string }[] = [];
    for (const { family } of families) {
      const canary = `canary ${randomBytes(18).toString("base64url")}`;
      const list = await collectionFor(session, family, owner);
      await session.positive("an object is made", makeRequest(family, owner, canary, list), [200, 201]);
      const { text } = await session.positive(
        "its owner reads it",
        { method: "GET", path: list, bearer: owner.accessToken },
        200,
      );
      session.require(text.includes(canary), "the list shows its owner the sealed text");
      made.push({ list, canary });
    }
    session.require(made.length > 0, "the policy seals a text under keys of its owner's own");
    await session.positive(
      "somebody deletes their account",
      { method: "DELETE", path: OWN_ACCOUNT, bearer: owner.accessToken },
      204,
    );
    const { id, email, password } = owner;
    const account = { id, email, password, email_confirm: true };
    const { serviceKey: bearer } = session.target;
    await session.positive(
      "an account is made with the id of the deleted one",
      { method: "POST", path: "/auth/v1/admin/users", bearer, body: account },
      200,
    );
    const credentials = { method: "POST", path: "/auth/v1/token?grant_type=password", body: { email, password } };
    const signedIn = await session.positive("it signs in", { ...credentials, bearer }, 200);
    const again = sessionFrom(signedIn, session.redaction, "a session").accessToken;
    for (const { list, canary } of made) {
      const answer = await session.positive("its rows are there", { method: "GET", path: list, bearer: again }, 200);
      const isRead = answer.text.includes(canary);
      session.judge({
        request: `GET ${list} as the account that was made anew`,
        expected: "the row without its text",
        got: isRead ? "the text" : "no text",
        held: !isRead,
      });
      // What was made below an object goes with it; its own removal bears a token that is over.
      const parent = list.split("/").slice(0, -1).join("/");
      session.afterwards(async () => void (await session.ask({ method: "DELETE", path: parent, bearer: again })));
    }
    return await session.conclude(
      "The keys went with the account: its rows could be had back, and their texts could not.",
    );
  },
};
