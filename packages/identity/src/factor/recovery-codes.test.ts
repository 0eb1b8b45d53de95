// Recovery codes, in pairs.
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { IdentityRules } from "../rules.ts";
import { addPasskey, newAuthenticator, signInWithPasskey } from "../testing/passkey-room.ts";
import { TestIdentity, testPolicy } from "../testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());
beforeEach(() => {
  room.events.length = 0;
});

const path = "/factors/recovery-codes";
const make = (token: string) => room.call("POST", path, { token });
const use = (token: string, code: string, url = room.url) =>
  room.call("POST", `${path}/verify`, { token, body: { code } }, url);

/** Somebody with an authenticator application and ten codes. */
async function withCodes() {
  const person = await room.guardedPerson();
  const { status, body } = await make(person.accessToken);
  expect(status).toBe(200);
  return { ...person, codes: body.codes as string[], codesId: body.id as string };
}

test("ten codes are shown once; one of them lifts a session, however it is written", async () => {
  const { email, codes, codesId, accessToken } = await withCodes();
  expect(codes).toHaveLength(10);
  for (const code of codes) expect(code).toMatch(/^[a-z2-9]{16}$/);
  const token = (await room.signIn(email)).body.access_token;
  const written = ` ${codes[0]?.toUpperCase().replace(/(.{4})/g, "$1-")} `;
  const lifted = await use(token, written);
  expect(decodeJwt(lifted.body.access_token)).toMatchObject({
    aal: "aal2",
    amr: [{ method: "mfa/recovery_code" }, { method: "password" }],
  });
  expect((await room.call("GET", path, { token: accessToken })).body).toEqual({
    id: codesId,
    type: "recovery_code",
    total: 10,
    remaining: 9,
  });
  expect(lifted.body.user.factors.map((factor: { factor_type: string }) => factor.factor_type)).toEqual([
    "totp",
    "recovery_code",
  ]);
  expect(room.eventsNamed("factor.verified").at(-1)).toMatchObject({
    reason: "recovery-code",
    detail: { remaining: 9 },
  });
});

async function useInParallel(url = room.url) {
  const { email, codes } = await withCodes();
  const tokens: string[] = [];
  while (tokens.length < 5) tokens.push((await room.signIn(email)).body.access_token);
  const answers = await Promise.all(tokens.map((token) => use(token, codes[0] ?? "", url)));
  return answers.filter(({ status }) => status === 200).length;
}

test("a code works once, one after the other and at the same moment", async () => {
  const { email, codes } = await withCodes();
  const token = (await room.signIn(email)).body.access_token;
  expect((await use(token, codes[3] ?? "")).status).toBe(200);
  const again = (await room.signIn(email)).body.access_token;
  expect(await use(again, codes[3] ?? "")).toMatchObject({ status: 422, body: { code: "mfa_verification_failed" } });
  expect(room.eventsNamed("factor.failed").at(-1)).toMatchObject({ reason: "wrong-recovery-code" });
  expect(await useInParallel()).toBe(1);
});

test("a twin that lets a spent code in again is caught by the same race", async () => {
  const rules: Partial<IdentityRules> = { mayRedeemAgain: () => true };
  expect(await useInParallel(await room.listen(await room.twin({ rules })))).toBeGreaterThan(1);
});

test("guessing locks the codes and nothing else, and a twin without a limit is caught", async () => {
  const { email, codes, accessToken } = await withCodes();
  const token = (await room.signIn(email)).body.access_token;
  for (let n = 0; n < 5; n += 1) expect((await use(token, "aaaaaaaaaaaaaaaa")).status).toBe(422);
  const locked = await use(token, codes[0] ?? "");
  expect(locked).toMatchObject({ status: 429, body: { code: "mfa_recovery_codes_locked" } });
  expect(Number(locked.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(room.eventsNamed("signin.locked").at(-1)).toMatchObject({ reason: "recovery-account" });
  const endless = await room.listen(await room.twin({ rules: { isLockedOut: () => false } }));
  expect((await use(token, codes[0] ?? "", endless)).status).toBe(200);
  await room.call("POST", `${path}/regenerate`, { token: accessToken });
  expect((await use((await room.signIn(email)).body.access_token, "bbbb")).status, "new codes start afresh").toBe(422);
});

test("new codes take the place of the old ones, under the same id", async () => {
  const { email, codes, codesId, accessToken } = await withCodes();
  const { body } = await room.call("POST", `${path}/regenerate`, { token: accessToken });
  expect(body).toMatchObject({ id: codesId, type: "recovery_code", friendly_name: "Recovery codes", total: 10 });
  expect(body.codes).not.toContain(codes[0]);
  const token = (await room.signIn(email)).body.access_token;
  expect((await use(token, codes[0] ?? "")).status).toBe(422);
  expect((await use(token, body.codes[0])).status).toBe(200);
});

test("codes are never all there is: they need another factor, and go with the last one", async () => {
  const bare = await room.person();
  expect((await make(bare.accessToken)).body.code).toBe("mfa_recovery_codes_sole_factor");
  expect((await room.call("GET", path, { token: bare.accessToken })).body.code).toBe("mfa_factor_not_found");
  expect((await use(bare.accessToken, "aaaaaaaaaaaaaaaa")).body.code).toBe("mfa_verification_failed");
  const { accessToken, factorId, email, codesId } = await withCodes();
  expect((await make(accessToken)).body.code).toBe("mfa_verified_factor_exists");
  expect((await room.call("DELETE", `/factors/${factorId}`, { token: accessToken })).status).toBe(200);
  const token = (await room.signIn(email)).body.access_token;
  expect((await room.call("GET", "/user", { token })).body.factors).toBeUndefined();
  expect(room.eventsNamed("factor.removed")).toMatchObject([
    { reason: "own" },
    { reason: "left-alone", detail: { factor: codesId } },
  ]);
});

test("a passkey may have codes beside it: they open the session whose passkey is lost", async () => {
  const { accessToken, email } = await room.person();
  const authenticator = newAuthenticator();
  await addPasskey(room, accessToken, authenticator);
  const { body } = await make((await signInWithPasskey(room, authenticator)).body.access_token);
  const token = (await room.signIn(email)).body.access_token;
  expect(decodeJwt((await use(token, body.codes[0])).body.access_token).aal).toBe("aal2");
});

test("a session at aal1 makes, remakes and removes none", async () => {
  const { email } = await withCodes();
  const token = (await room.signIn(email)).body.access_token;
  for (const answer of [
    await room.call("POST", `${path}/regenerate`, { token }),
    await room.call("DELETE", path, { token }),
    await make(token),
  ]) {
    expect(answer.body.code).toBe("insufficient_aal");
  }
});

test("removed codes are gone, and the session that proved another factor stays", async () => {
  const { accessToken, email, codes, codesId } = await withCodes();
  expect((await room.call("DELETE", path, { token: accessToken })).body).toEqual({ id: codesId });
  expect((await room.call("GET", "/user", { token: accessToken })).status).toBe(200);
  const token = (await room.signIn(email)).body.access_token;
  expect((await use(token, codes[0] ?? "")).status).toBe(422);
});

test("the database keeps no code", async () => {
  const { codes } = await withCodes();
  const administrator = await room.administrator();
  const { rows } = await administrator.query("select * from auth.one_time_tokens where purpose = 'recovery-code'");
  await administrator.end();
  const kept = JSON.stringify(rows);
  for (const code of codes) expect(kept).not.toContain(code);
});

test("codes that the policy has off are neither made nor accepted, and a code of before lifts nothing", async () => {
  const { accessToken, email, codes } = await withCodes();
  const factors = { ...testPolicy.identity.factors, recoveryCodes: false };
  const policy = { ...testPolicy, identity: { ...testPolicy.identity, factors } };
  const url = await room.listen(await room.twin({ policy }));
  expect((await room.call("POST", path, { token: accessToken }, url)).body.code).toBe(
    "mfa_recovery_codes_enroll_not_enabled",
  );
  const token = (await room.signIn(email)).body.access_token;
  expect((await use(token, codes[0] ?? "", url)).body.code).toBe("mfa_recovery_codes_verify_not_enabled");
});
