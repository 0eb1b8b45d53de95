// What a session is worth is computed at each use, in pairs.
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { codeAt } from "../factor/totp.ts";
import { TestIdentity } from "../testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());
beforeEach(() => {
  room.events.length = 0;
});

/** Somebody at aal2 whose factor disappears behind the program's back: no code of ours runs, no session ends. */
async function bereft() {
  const person = await room.guardedPerson();
  const administrator = await room.administrator();
  await administrator.query("delete from auth.mfa_factors where id = $1", [person.factorId]);
  await administrator.end();
  return person;
}

test("a session that proved a factor is worth aal1 from the moment the factor is gone", async () => {
  const person = await bereft();
  const { body } = await room.call("GET", "/user/sessions", { token: person.accessToken });
  expect(body.sessions).toMatchObject([{ aal: "aal1" }]);
  const refreshed = await room.refresh(person.refreshToken);
  expect(decodeJwt(refreshed.body.access_token)).toMatchObject({ aal: "aal1", amr: [{ method: "totp" }, {}] });
});

test("a twin that remembers what a session was once worth is caught: it goes on giving aal2", async () => {
  const rules = {
    sessionAssurance: (proofs: readonly { readonly method: string }[]) =>
      proofs.some(({ method }) => method === "totp") ? ("aal2" as const) : ("aal1" as const),
  };
  const url = await room.listen(await room.twin({ rules }));
  const person = await bereft();
  const body = { refresh_token: person.refreshToken };
  const refreshed = await room.call("POST", "/token?grant_type=refresh_token", { body }, url);
  expect(decodeJwt(refreshed.body.access_token).aal).toBe("aal2");
});

test("who removes the factor that the session had proven signs in again, though another one remains", async () => {
  const { accessToken, refreshToken } = await room.guardedPerson();
  const second = await room.enrol(accessToken, "spare");
  const challengeId = await room.challenge(accessToken, second.factorId);
  const lifted = await room.verify(accessToken, second.factorId, challengeId, codeAt(second.secret, room.time));
  const token = lifted.body.access_token;
  expect((await room.call("DELETE", `/factors/${second.factorId}`, { token })).status).toBe(200);
  expect((await room.call("GET", "/user", { token })).body.code).toBe("session_not_found");
  expect((await room.refresh(refreshToken)).body.code).toBe("refresh_token_not_found");
});

test("a token tells how somebody signed in, not with which factor", async () => {
  const { accessToken } = await room.guardedPerson();
  const { amr } = decodeJwt(accessToken) as { readonly amr: readonly object[] };
  for (const proof of amr) expect(Object.keys(proof)).toEqual(["method", "timestamp"]);
});
