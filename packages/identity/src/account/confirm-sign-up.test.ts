// A sign-up counts once its address is confirmed, and what is confirmed is that one attempt. In pairs with a twin that keeps the
// first attempt's password, as Supabase Auth does.
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { fragmentOf, MailRoom } from "../testing/mail-room.ts";
import { type Answer, confirmingPolicy, goodPassword, newEmail, otherPassword } from "../testing/start-identity.ts";

const room = new MailRoom();
beforeAll(() => room.begin());
afterAll(() => room.stop());
beforeEach(() => {
  room.events.length = 0;
});

const signUp = (email: string, password: string, data = {}, url = room.url): Promise<Answer> =>
  room.ask("/signup", { email, password, data }, url);
const linkTo = (email: string): string => room.mailed(email, "confirm-sign-up").link;
const accountsOf = async (email: string): Promise<number> => {
  const administrator = await room.administrator();
  const { rows } = await administrator.query("select from auth.users where email = $1", [email]);
  await administrator.end();
  return rows.length;
};

test("a sign-up makes no account until its link is followed, which signs in with the attempt's own password", async () => {
  const email = newEmail();
  const { status, body } = await signUp(email, goodPassword, { name: "Ada" });
  expect(status).toBe(200);
  expect(body).toMatchObject({ email, confirmation_sent_at: expect.any(String), user_metadata: { name: "Ada" } });
  expect(body.email_confirmed_at).toBeUndefined();
  expect(await accountsOf(email)).toBe(0);
  const at = await room.follow(linkTo(email));
  expect(`${at.origin}${at.pathname}`).toBe("https://localhost:8443/");
  expect(decodeJwt(fragmentOf(at).get("access_token") ?? "")).toMatchObject({ sub: body.id, email, aal: "aal1" });
  expect((await room.signIn(email)).body.user).toMatchObject({
    id: body.id,
    email_confirmed_at: expect.any(String),
    user_metadata: { name: "Ada" },
    app_metadata: { roles: ["reader"] },
  });
  expect(room.eventsNamed("account.requested")).toHaveLength(1);
  expect(room.eventsNamed("account.confirmed")).toMatchObject([{ subject: body.id }]);
});

test("the code of the same mail confirms as well, and then the link is dead", async () => {
  const email = newEmail();
  await signUp(email, goodPassword);
  const mail = room.mailTo(email);
  const { body } = await room.call("POST", "/verify", { body: { type: "signup", email, token: mail?.code } });
  expect(body.user.email).toBe(email);
  expect(fragmentOf(await room.follow(mail?.link ?? "")).get("error_code")).toBe("otp_expired");
});

test("a second sign-up neither overwrites the first nor is overwritten: each link installs its own attempt", async () => {
  for (const chosen of ["first", "second"] as const) {
    const email = newEmail();
    await signUp(email, goodPassword, { by: "first" });
    const first = linkTo(email);
    await signUp(email, otherPassword, { by: "second" });
    const second = linkTo(email);
    await room.follow(chosen === "first" ? first : second);
    const [right, wrong] = chosen === "first" ? [goodPassword, otherPassword] : [otherPassword, goodPassword];
    expect((await room.signIn(email, right)).body.user.user_metadata).toEqual({ by: chosen });
    expect((await room.signIn(email, wrong)).body.code).toBe("invalid_credentials");
    // The other attempt's link opens nothing any more.
    const late = await room.follow(chosen === "first" ? second : first);
    expect(fragmentOf(late).get("error_code")).toBe("otp_expired");
    expect((await room.signIn(email, wrong)).body.code).toBe("invalid_credentials");
  }
});

test("a twin that keeps the first attempt's password lets whoever signed up first in", async () => {
  const url = await room.listen(
    await room.twin({ policy: confirmingPolicy, rules: { keepsFirstAttempt: () => true } }),
  );
  const email = newEmail();
  await signUp(email, otherPassword, {}, url);
  await signUp(email, goodPassword, {}, url);
  await room.follow(linkTo(email), url);
  expect((await room.signIn(email, otherPassword)).status).toBe(200);
});

test("of two attempts confirmed at the same moment one becomes the account", async () => {
  const email = newEmail();
  await signUp(email, goodPassword);
  const first = linkTo(email);
  await signUp(email, otherPassword);
  const ends = await Promise.all([room.follow(first), room.follow(linkTo(email))]);
  expect(ends.filter((at) => fragmentOf(at).has("access_token"))).toHaveLength(1);
  expect(await accountsOf(email)).toBe(1);
});

test("whoever has an account is told so at their address, and nowhere else", async () => {
  const { email, id } = await room.person();
  const free = newEmail();
  const [taken, fresh] = [await signUp(email, otherPassword), await signUp(free, otherPassword)];
  const shape = ({ body }: Answer, address: string) =>
    JSON.stringify(body)
      .replaceAll(address, "address")
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "id");
  expect(shape(taken, email)).toBe(shape(fresh, free));
  expect([...taken.headers.keys()]).toEqual([...fresh.headers.keys()]);
  const mail = room.mailTo(email);
  expect(mail).toMatchObject({ kind: "address-taken", link: "https://localhost:8443/" });
  expect(mail?.code).toBeUndefined();
  expect((await room.signIn(email)).body.user.id).toBe(id);
  expect((await room.signIn(email, otherPassword)).status).toBe(400);
});

test("only who knows the password of an attempt learns that its address waits", async () => {
  const email = newEmail();
  await signUp(email, goodPassword);
  expect((await room.signIn(email)).body).toEqual({ code: "email_not_confirmed", message: "Email not confirmed" });
  expect((await room.signIn(email, otherPassword)).body.code).toBe("invalid_credentials");
  expect((await room.signIn(newEmail())).body.code).toBe("invalid_credentials");
  expect(room.eventsNamed("signin.failed").map(({ reason }) => reason)).toEqual([
    "address-unconfirmed",
    "unknown-account",
    "unknown-account",
  ]);
});

test("an account from before addresses were confirmed cannot be kept by whoever made it", async () => {
  const url = await room.listen(await room.twin({ policy: confirmingPolicy }));
  const before = await room.twin({
    policy: {
      ...confirmingPolicy,
      identity: { ...confirmingPolicy.identity, email: { ...confirmingPolicy.identity.email, confirm: false } },
    },
  });
  const old = await room.listen(before);
  const email = newEmail();
  await signUp(email, otherPassword, { by: "somebody" }, old);
  const thief = (
    await room.call("POST", "/token?grant_type=password", { body: { email, password: otherPassword } }, old)
  ).body;
  expect(thief.access_token).toBeDefined();
  // The same account is not signed in to once the policy asks for a confirmation.
  expect((await room.signIn(email, otherPassword)).body.code).toBe("email_not_confirmed");
  await signUp(email, goodPassword, { by: "owner" }, url);
  await room.follow(linkTo(email), url);
  expect((await room.call("GET", "/user", { token: thief.access_token })).body.code).toBe("session_not_found");
  expect((await room.signIn(email, otherPassword)).body.code).toBe("invalid_credentials");
  expect((await room.signIn(email)).body.user.user_metadata).toEqual({ by: "owner" });
});

test("a link that recovers or signs in leaves nothing of an account that was never confirmed", async () => {
  for (const [path, kind] of [
    ["/recover", "recover"],
    ["/otp", "sign-in"],
  ] as const) {
    const email = newEmail();
    const key = await room.identity.issueServiceKey();
    const made = { email, password: otherPassword, user_metadata: { by: "somebody" } };
    await room.call("POST", "/admin/users", { token: key, body: made });
    await room.call("POST", path, { body: { email } });
    const at = await room.follow(room.mailTo(email, kind)?.link ?? "");
    const { body } = await room.call("GET", "/user", { token: fragmentOf(at).get("access_token") ?? "" });
    expect(body).toMatchObject({ email, email_confirmed_at: expect.any(String), user_metadata: {} });
    expect((await room.signIn(email, otherPassword)).body.code).toBe("invalid_credentials");
  }
});

test("a confirmation can be sent once more, and to nobody who has none waiting", async () => {
  const email = newEmail();
  await signUp(email, goodPassword, { name: "Ada" });
  const first = linkTo(email);
  const again = (address: string) => room.call("POST", "/resend", { body: { type: "signup", email: address } });
  expect((await again(email)).body).toEqual({});
  expect(linkTo(email)).not.toBe(first);
  await room.follow(linkTo(email));
  expect((await room.signIn(email)).body.user.user_metadata).toEqual({ name: "Ada" });
  const before = room.inbox.messages().length;
  expect((await again(email)).body).toEqual({});
  expect((await again(newEmail())).body).toEqual({});
  expect(room.inbox.messages()).toHaveLength(before);
});

test("with sign-up closed meanwhile, a link makes no account", async () => {
  const email = newEmail();
  await signUp(email, goodPassword);
  const closed = { ...confirmingPolicy, identity: { ...confirmingPolicy.identity, signUp: "closed" as const } };
  const url = await room.listen(await room.twin({ policy: closed }));
  expect(fragmentOf(await room.follow(linkTo(email), url)).get("error_code")).toBe("otp_expired");
  expect(await accountsOf(email)).toBe(0);
});

test("one address gets no more mail than the limit, whoever asks and whether or not it has an account", async () => {
  const { email } = await room.person();
  for (const address of [email, newEmail()]) {
    const statuses: number[] = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await signUp(address, goodPassword)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    const refused = await signUp(address, goodPassword);
    expect(refused.body.code).toBe("over_email_send_rate_limit");
    expect(refused.headers.get("retry-after")).toBe("900");
  }
  expect(room.eventsNamed("message.refused")[0]).toMatchObject({ reason: "too-many-for-recipient" });
});
