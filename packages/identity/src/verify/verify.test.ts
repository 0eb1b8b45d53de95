// Codes and links by mail: used once, in time, by whoever has the mailbox and nobody else. In pairs with twins that forget one of it.
import { createHash, randomBytes } from "node:crypto";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { codeAt } from "../factor/totp.ts";
import { fragmentOf, MailRoom } from "../testing/mail-room.ts";
import { type Answer, confirmingPolicy, goodPassword, newEmail, otherPassword } from "../testing/start-identity.ts";

const room = new MailRoom();
beforeAll(() => room.begin());
afterAll(() => room.stop());
beforeEach(() => {
  room.events.length = 0;
});

const verify = (body: object, url = room.url) => room.ask("/verify", body, url);
const look = (link: string, url = room.url) =>
  fetch(`${url}/verify${new URL(link).search}`, { headers: { accept: "text/html", "x-holdfast-nonce": "abc" } });

test("an address signs in by a code or a link, and amr says which", async () => {
  const { email, id } = await room.person();
  await room.ask("/otp", { email });
  const code = await verify({ type: "email", email, token: room.mailed(email).code });
  expect(code.body.user.id).toBe(id);
  expect(decodeJwt(code.body.access_token)).toMatchObject({ aal: "aal1", amr: [{ method: "otp" }] });
  await room.ask("/magiclink", { email });
  const link = await verify({ type: "magiclink", token_hash: room.mailed(email).token });
  expect(decodeJwt(link.body.access_token)).toMatchObject({ amr: [{ method: "magiclink" }] });
  expect(room.eventsNamed("signin.succeeded").map(({ reason }) => reason)).toEqual(["password", "otp", "magiclink"]);
});

test("an address that nobody has becomes an account without a password, where sign-up is open and wanted", async () => {
  const email = newEmail();
  await room.ask("/otp", { email, data: { name: "Ada" } });
  const { body } = await verify({ type: "email", email, token: room.mailed(email).code });
  expect(body.user).toMatchObject({ email, user_metadata: { name: "Ada" }, app_metadata: { roles: ["reader"] } });
  const unwanted = newEmail();
  expect((await room.ask("/otp", { email: unwanted, create_user: false })).body).toEqual({});
  expect(room.mailTo(unwanted)).toBeUndefined();
});

/** What somebody who asks can compare. */
const visible = ({ status, headers, body }: Answer) => [status, [...headers.keys()].sort(), body];

test("who asks for a mail learns nothing about the address", async () => {
  const { email } = await room.person();
  for (const [path, extra] of [
    ["/otp", { create_user: false }],
    ["/otp", {}],
    ["/magiclink", {}],
    ["/recover", {}],
    ["/resend", { type: "signup" }],
  ] as const) {
    expect(visible(await room.ask(path, { email, ...extra }))).toEqual(
      visible(await room.ask(path, { email: newEmail(), ...extra })),
    );
    room.pass(15 * 60);
  }
  const wrong = { type: "email", token: "000000" };
  expect(visible(await verify({ ...wrong, email }))).toEqual(visible(await verify({ ...wrong, email: newEmail() })));
});

test("a twin that tells who has an account is caught", async () => {
  const url = await room.listen(
    await room.twin({ policy: confirmingPolicy, rules: { revealsUnknownAccounts: () => true } }),
  );
  const { email } = await room.person();
  const known = await room.ask("/recover", { email }, url);
  expect(visible(await room.ask("/recover", { email: newEmail() }, url))).not.toEqual(visible(known));
});

test("programs that look at mail burn nothing: looking shows a page, its button redeems once", async () => {
  const { email } = await room.person();
  await room.ask("/otp", { email });
  const { link } = room.mailed(email);
  for (let n = 0; n < 5; n += 1) {
    const response = await look(link);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const page = await response.text();
    expect(page).toContain('<form method="post" action="https://localhost:8443/auth/v1/verify/confirm">');
    expect(page).toContain(email);
    expect(page).not.toMatch(/access_token|<script/);
    await fetch(`${room.url}/verify${new URL(link).search}`, { method: "HEAD" });
  }
  expect(fragmentOf(await room.follow(link)).get("type")).toBe("magiclink");
  expect(fragmentOf(await room.follow(link)).get("error_code")).toBe("otp_expired");
  const dead = await fetch(`${room.url}/verify${new URL(link).search}`, { redirect: "manual" });
  expect(dead.status).toBe(303);
  expect(dead.headers.get("location")).toContain("error_code=otp_expired");
});

test("a twin whose link is spent by looking is caught", async () => {
  const url = await room.listen(await room.twin({ policy: confirmingPolicy, rules: { isSpentByLooking: () => true } }));
  const { email } = await room.person();
  await room.ask("/otp", { email });
  const { link } = room.mailed(email);
  await fetch(`${url}/verify${new URL(link).search}`, { redirect: "manual" });
  expect(fragmentOf(await room.follow(link)).get("error_code")).toBe("otp_expired");
});

test("whatever a stranger puts into a link, the page shows no markup of theirs", async () => {
  const { email } = await room.person();
  await room.ask("/otp", { email });
  const { token } = room.mailed(email);
  const url = `${room.url}/verify?type=magiclink&token=${token}&redirect_to=${encodeURIComponent('"><script>alert(1)</script>')}`;
  expect(await (await fetch(url)).text()).not.toContain("<script");
});

test("a code or link is dead when its time is over, and a twin that forgets when is caught", async () => {
  const { email } = await room.person();
  await room.ask("/recover", { email });
  const { code, token } = room.mailed(email);
  room.pass(confirmingPolicy.identity.email.codeSeconds);
  expect((await verify({ type: "recovery", email, token: code })).body.code).toBe("otp_expired");
  expect((await verify({ type: "recovery", token_hash: token })).status).toBe(403);
  const url = await room.listen(await room.twin({ policy: confirmingPolicy, rules: { expiryBound: () => 0 } }));
  expect((await verify({ type: "recovery", token_hash: token }, url)).status).toBe(200);
});

test("the link of a confirmation waits for whoever reads mail later, and the code beside it does not", async () => {
  const { codeSeconds, confirmationSeconds } = confirmingPolicy.identity.email;
  const signUp = async () => {
    const email = newEmail();
    await room.call("POST", "/signup", { body: { email, password: goodPassword } });
    return { email, ...room.mailed(email) };
  };
  const { email, code, token } = await signUp();
  room.pass(codeSeconds);
  expect((await verify({ type: "signup", email, token: code })).body.code).toBe("otp_expired");
  expect((await verify({ type: "signup", token_hash: token })).status).toBe(200);
  const late = await signUp();
  expect(room.mailTo(late.email)?.text).toContain("the link within 60 minutes, the code within 10 minutes");
  room.pass(confirmationSeconds);
  expect((await verify({ type: "signup", token_hash: late.token })).body.code).toBe("otp_expired");
  const url = await room.listen(await room.twin({ policy: confirmingPolicy, rules: { expiryBound: () => 0 } }));
  const { email: address, code: digits } = await signUp();
  room.pass(codeSeconds);
  expect((await verify({ type: "signup", email: address, token: digits }, url)).status, "the twin is caught").toBe(200);
});

test("a code is for its own address and its own purpose", async () => {
  const [one, other] = [await room.person(), await room.person()];
  await room.ask("/recover", { email: one.email });
  await room.ask("/otp", { email: other.email });
  const { code, token } = room.mailed(one.email);
  for (const body of [
    { type: "recovery", email: other.email, token: code },
    { type: "magiclink", email: one.email, token: code },
    { type: "signup", token_hash: token },
    { type: "recovery", token_hash: code },
  ]) {
    expect((await verify(body)).body).toEqual({ code: "otp_expired", message: "Token has expired or is invalid" });
  }
  expect((await verify({ type: "recovery", email: one.email, token: code })).status).toBe(200);
});

test("guesses at codes are limited for the address whether or not it has an account, and each code dies after five", async () => {
  const { email } = await room.person();
  await room.ask("/otp", { email });
  const { code } = room.mailed(email);
  const wrong = code === "000000" ? "000001" : "000000";
  for (const address of [email, newEmail()]) {
    const statuses: number[] = [];
    for (let n = 0; n < 6; n += 1) {
      statuses.push((await verify({ type: "email", email: address, token: wrong })).status);
    }
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429]);
  }
  room.pass(15 * 60);
  expect((await verify({ type: "email", email, token: code })).status).toBe(403);
  expect(room.eventsNamed("signin.locked")[0]).toMatchObject({ reason: "code-account" });
});

test("recovery signs in with one factor: the password changes only with the second, and then everything else ends", async () => {
  const guarded = await room.guardedPerson();
  await room.ask("/recover", { email: guarded.email });
  const first = room.mailed(guarded.email);
  room.pass(1);
  await room.ask("/recover", { email: guarded.email });
  const { body } = await verify({ type: "recovery", email: guarded.email, token: room.mailed(guarded.email).code });
  expect(decodeJwt(body.access_token)).toMatchObject({ aal: "aal1", amr: [{ method: "recovery" }] });
  // The other mail died with it.
  expect((await verify({ type: "recovery", token_hash: first.token })).status).toBe(403);
  const change = (token: string) => room.call("PUT", "/user", { token, body: { password: otherPassword } });
  expect((await change(body.access_token)).body.code).toBe("insufficient_aal");
  const challenge = await room.challenge(body.access_token, guarded.factorId);
  const lifted = await room.verify(body.access_token, guarded.factorId, challenge, codeAt(guarded.secret, room.time));
  await room.ask("/otp", { email: guarded.email });
  const pending = room.mailed(guarded.email);
  expect((await change(lifted.body.access_token)).status).toBe(200);
  expect(room.mailTo(guarded.email)).toMatchObject({ kind: "password-changed" });
  expect((await verify({ type: "magiclink", token_hash: pending.token })).body.code).toBe("otp_expired");
  expect((await room.call("GET", "/user", { token: guarded.accessToken })).status).toBe(403);
});

test("a link mailed before an administrator changed the address or the password opens nothing", async () => {
  const key = await room.identity.issueServiceKey();
  for (const change of [{ password: otherPassword }, { email: newEmail(), email_confirm: true }]) {
    const { email, id } = await room.person();
    await room.ask("/recover", { email });
    const { token } = room.mailed(email);
    await room.call("PUT", `/admin/users/${id}`, { token: key, body: change });
    expect((await verify({ type: "recovery", token_hash: token })).body.code).toBe("otp_expired");
  }
});

test("a banned person gets no session by mail", async () => {
  const { email, id } = await room.person();
  await room.ask("/otp", { email });
  const key = await room.identity.issueServiceKey();
  await room.call("PUT", `/admin/users/${id}`, { token: key, body: { ban_duration: "1h" } });
  expect(fragmentOf(await room.follow(room.mailed(email).link)).get("error_code")).toBe("user_banned");
});

const named = [
  "https://app.example/welcome",
  "https://app.example/welcome?sb_flow_id=abc_DEF-1",
  "https://localhost:8443",
  "https://localhost:8443/account?tab=password",
];
const unnamed = [
  "https://evil.example/",
  "https://app.example/welcome/",
  "https://app.example/welcome?next=1",
  "https://app.example/welcome#x",
  "https://app.example/",
  "https://app.example.evil.example/welcome",
  "https://app.example@evil.example/welcome",
  "https://localhost:8443.evil.example/",
  "https://localhost:8443@evil.example/",
  "https://localhost:8443/a/../b",
  "https://localhost:8443//evil.example",
  "https://localhost:8443/\\evil.example",
  "//evil.example",
  "javascript:alert(1)",
  "/welcome",
  "HTTPS://APP.EXAMPLE/welcome",
  "https://app.example/welcome?sb_flow_id=<x>",
  "https://app.example/welcome&sb_flow_id=abc",
  "https://app.example/welcome\t",
];

test.each(named)("a link leads to %s, which the policy names", async (wanted) => {
  const { email } = await room.person();
  await room.ask(`/otp?redirect_to=${encodeURIComponent(wanted)}`, { email });
  expect((await room.follow(room.mailed(email).link)).href.split("#")[0]?.replace(/\/$/, "")).toBe(wanted);
  expect(room.eventsNamed("redirect.refused")).toEqual([]);
});

test.each(unnamed)("a link never leads to %s", async (wanted) => {
  const { email } = await room.person();
  await room.ask(`/otp?redirect_to=${encodeURIComponent(wanted)}`, { email });
  const { link } = room.mailed(email);
  expect((await room.follow(link)).href.split("#")[0]).toBe("https://localhost:8443/");
  // Neither does a dead link with that place written into it.
  const dead = `${room.url}/verify?type=magiclink&token=x&redirect_to=${encodeURIComponent(wanted)}`;
  const answer = await fetch(dead, { redirect: "manual" });
  expect(answer.headers.get("location")).toMatch(/^https:\/\/localhost:8443\/#error=/);
  expect(room.eventsNamed("redirect.refused")).toHaveLength(2);
});

test("a twin that lets a link lead anywhere is caught", async () => {
  const url = await room.listen(await room.twin({ policy: confirmingPolicy, rules: { mayRedirect: () => true } }));
  const { email } = await room.person();
  await room.ask("/otp?redirect_to=https://evil.example/", { email }, url);
  expect((await room.follow(room.mailed(email).link, url)).origin).toBe("https://evil.example");
});

test("links begin with the policy's origin, whatever a request says about its host", async () => {
  const { email } = await room.person();
  for (const headers of [
    { host: "evil.example" },
    { "x-forwarded-host": "evil.example", "x-forwarded-proto": "http" },
    { forwarded: "host=evil.example" },
  ]) {
    await room.call("POST", "/recover", { body: { email }, headers: headers as Record<string, string> });
    expect(room.mailed(email).link).toMatch(/^https:\/\/localhost:8443\/auth\/v1\/verify\?token=/);
    room.pass(15 * 60);
  }
});

const verifierOf = () => randomBytes(32).toString("base64url");
const challengeOf = (verifier: string) => createHash("sha256").update(verifier).digest("base64url");

async function flowCode(email: string, challenge: string): Promise<string> {
  await room.ask("/otp", { email, code_challenge: challenge, code_challenge_method: "s256" });
  const at = await room.follow(room.mailed(email).link);
  expect(at.hash).toBe("");
  return at.searchParams.get("code") ?? "";
}
const exchange = (code: string, verifier: string) =>
  room.ask("/token?grant_type=pkce", { auth_code: code, code_verifier: verifier });

test("with a challenge the link bears a code, worth a session once and only to who knows the verifier", async () => {
  const { email, id } = await room.person();
  const verifier = verifierOf();
  const code = await flowCode(email, challengeOf(verifier));
  expect((await exchange(code, verifier)).body.user.id).toBe(id);
  const again = await exchange(code, verifier);
  expect([again.status, again.body.code]).toEqual([404, "flow_state_not_found"]);
  const stolen = await flowCode(email, challengeOf(verifier));
  const wrong = await exchange(stolen, verifierOf());
  expect([wrong.status, wrong.body.code]).toEqual([400, "bad_code_verifier"]);
  // A wrong verifier is no first guess of many.
  expect((await exchange(stolen, verifier)).body.code).toBe("flow_state_not_found");
});

test("a challenge that protects nothing is refused", async () => {
  const challenge = challengeOf(verifierOf());
  for (const body of [
    { code_challenge: challenge, code_challenge_method: "plain" },
    { code_challenge: challenge },
    { code_challenge_method: "s256" },
    { code_challenge: "short", code_challenge_method: "s256" },
  ]) {
    for (const path of ["/otp", "/recover", "/resend", "/signup"]) {
      const sent = { email: newEmail(), password: goodPassword, type: "signup", ...body };
      expect((await room.ask(path, sent)).body.code).toBe("validation_failed");
    }
  }
});

test("a browser that keeps its session in cookies gets them from the button, and its address bar nothing", async () => {
  const { email } = await room.person();
  await room.call("POST", "/otp", { body: { email }, headers: { "x-use-cookie": "session" } });
  const { searchParams } = new URL(room.mailed(email).link);
  const response = await fetch(`${room.url}/verify/confirm`, {
    method: "POST",
    body: new URLSearchParams({ type: "magiclink", token: searchParams.get("token") ?? "" }),
    redirect: "manual",
  });
  expect(response.headers.getSetCookie().map((cookie) => cookie.split("=")[0])).toEqual([
    "__Host-access",
    "__Host-refresh",
  ]);
  expect(response.headers.get("location")).toBe("https://localhost:8443/#type=magiclink");
});

test("with sign-in by email off nobody gets a code, and recovery goes on", async () => {
  const { identity } = confirmingPolicy;
  const policy = { ...confirmingPolicy, identity: { ...identity, email: { ...identity.email, signIn: false } } };
  const url = await room.listen(await room.twin({ policy }));
  const { email } = await room.person();
  expect((await room.ask("/otp", { email }, url)).body.code).toBe("otp_disabled");
  expect((await room.ask("/magiclink", { email }, url)).body.code).toBe("otp_disabled");
  expect((await room.ask("/recover", { email }, url)).status).toBe(200);
});

test("a form field that stands twice, or a type that does not exist, is refused", async () => {
  const post = (body: string) =>
    fetch(`${room.url}/verify/confirm`, {
      method: "POST",
      body,
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
  for (const body of ["type=magiclink&token=a&token=b", "type=nothing&token=a", "type=constructor&token=a", ""]) {
    expect((await post(body)).headers.get("x-sb-error-code")).toBe("validation_failed");
  }
});
