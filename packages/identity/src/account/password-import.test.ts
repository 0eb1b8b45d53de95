// Hashes from elsewhere: brought along by an administrator, compared as they are, and made anew when their owner signs in.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { hash as argon2 } from "@node-rs/argon2";
import { hash as bcrypt } from "@node-rs/bcrypt";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { goodPassword, newEmail, otherPassword, TestIdentity, testPolicy } from "../testing/start-identity.ts";

const room = new TestIdentity();
let serviceKey = "";
beforeAll(async () => {
  await room.start();
  serviceKey = await room.identity.issueServiceKey();
});
afterAll(() => room.stop());
beforeEach(() => {
  room.events.length = 0;
});

const create = (body: Record<string, unknown>, url = room.url) =>
  room.call("POST", "/admin/users", { token: serviceKey, body: { email: newEmail(), ...body } }, url);

async function imported(passwordHash: string): Promise<{ readonly id: string; readonly email: string }> {
  const { status, body } = await create({ password_hash: passwordHash });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body;
}

async function storedHash(id: string): Promise<string> {
  const { rows } = await room
    .pool("holdfast_identity")
    .query("select encrypted_password from auth.users where id = $1", [id]);
  return (rows[0] as { encrypted_password: string }).encrypted_password;
}

/** As many as an account may attempt at once. */
const contenders = testPolicy.identity.lockout.attempts;
const ours = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/;
const weakArgon2 = (password: string) => argon2(password, { memoryCost: 64, timeCost: 1, parallelism: 1 });

test.each([
  ["bcrypt", () => bcrypt(goodPassword, 4)],
  ["argon2id", () => weakArgon2(goodPassword)],
])("a %s hash that was brought along signs in, and is ours afterwards", async (scheme, make) => {
  const { id, email } = await imported(await make());
  expect((await room.signIn(email, otherPassword)).status).toBe(400);
  expect(room.eventsNamed("password.rehashed")).toEqual([]);
  expect((await room.signIn(email)).status).toBe(200);
  expect(await storedHash(id)).toMatch(ours);
  expect(room.eventsNamed("password.rehashed")).toMatchObject([{ subject: id, detail: { from: expect.any(String) } }]);
  expect(scheme).toBeTruthy();
  expect((await room.signIn(email)).status).toBe(200);
  expect(room.eventsNamed("password.rehashed")).toHaveLength(1);
  expect((await room.signIn(email, otherPassword)).status).toBe(400);
});

test("a twin that keeps the hash it was given is caught", async () => {
  const url = await room.listen(await room.twin({ rules: { keepsHash: () => true } }));
  const { id, email } = await imported(await bcrypt(goodPassword, 4));
  const body = { email, password: goodPassword };
  expect((await room.call("POST", "/token?grant_type=password", { body }, url)).status).toBe(200);
  expect(await storedHash(id)).not.toMatch(ours);
});

test("a cost that the policy changed is applied when somebody next signs in", async () => {
  const { id, email } = await room.person();
  const identity = {
    ...testPolicy.identity,
    password: { ...testPolicy.identity.password, hash: { memoryKib: 19_456, passes: 3, lanes: 1 } },
  };
  const url = await room.listen(await room.twin({ policy: { ...testPolicy, identity } }));
  const body = { email, password: goodPassword };
  expect((await room.call("POST", "/token?grant_type=password", { body }, url)).status).toBe(200);
  expect(await storedHash(id)).toMatch(/^\$argon2id\$v=19\$m=19456,t=3,p=1\$/);
});

test("a password that is changed while its old hash is made anew stays changed", async () => {
  const { id, email } = await imported(await bcrypt(goodPassword, 4));
  const changed = (await weakArgon2(otherPassword)).replaceAll("'", "");
  const signIns = Array.from({ length: contenders }, () => () => room.signIn(email));
  const answers = await room.race(
    "users",
    id,
    signIns,
    `update auth.users set encrypted_password = '${changed}' where id = $1`,
  );
  for (const { status, body } of answers) expect([status, body.code]).toEqual([409, "conflict"]);
  expect(await storedHash(id)).toBe(changed);
  expect((await room.signIn(email)).status).toBe(400);
  expect((await room.signIn(email, otherPassword)).status).toBe(200);
});

test("parallel sign-ins with a hash that was brought along all succeed", async () => {
  const { id, email } = await imported(await bcrypt(goodPassword, 4));
  const answers = await room.race(
    "users",
    id,
    Array.from({ length: contenders }, () => () => room.signIn(email)),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: contenders }, () => 200));
  expect(room.eventsNamed("password.rehashed")).toHaveLength(1);
});

test("what other systems hash as it was typed signs in as it is typed, and in its normal form afterwards", async () => {
  const typed = "a\u0308rger im fru\u0308hling";
  const { email } = await imported(await bcrypt(typed, 4));
  expect((await room.signIn(email, typed)).status).toBe(200);
  expect((await room.signIn(email, typed.normalize("NFKC"))).status).toBe(200);
});

test("a password longer than bcrypt reads does not sign in by its beginning", async () => {
  const long = "gravel otter lantern ".repeat(4).slice(0, 80);
  const { email } = await imported(await bcrypt(long, 4));
  expect((await room.signIn(email, long)).status).toBe(400);
  expect((await room.signIn(email, `${long.slice(0, 72)}else`)).status).toBe(400);
});

test("hashes that are none, or that would take minutes to compare, are refused, and so is a hash beside a password", async () => {
  const salted = "SFVpOWJ0eXhjRzVkdGN1RQ$RXnb8rh7LaDcn07xsssqqulZYXOM/EUCEFMVcAcyYVk";
  const refused = ["plain text", `$argon2id$v=19$m=4194304,t=1,p=1$${salted}`, `$argon2d$v=19$m=64,t=1,p=1$${salted}`];
  for (const passwordHash of [...refused, (await bcrypt(goodPassword, 4)).replace("$04$", "$31$")]) {
    const { status, body } = await create({ password_hash: passwordHash });
    expect([status, body.code], passwordHash).toEqual([400, "validation_failed"]);
  }
  const both = await create({ password: goodPassword, password_hash: await bcrypt(goodPassword, 4) });
  expect([both.status, both.body.code]).toEqual([400, "validation_failed"]);
});

test("an administrator who gives somebody another hash ends their sessions", async () => {
  const person = await room.person();
  const body = { password_hash: await bcrypt(otherPassword, 4) };
  expect((await room.call("PUT", `/admin/users/${person.id}`, { token: serviceKey, body })).status).toBe(200);
  expect((await room.call("GET", "/user", { token: person.accessToken })).status).toBe(403);
  expect((await room.signIn(person.email, otherPassword)).status).toBe(200);
});

test("a hash in the database that nobody can read admits nobody, and costs what an unknown address costs", async () => {
  const { id, email } = await room.person();
  const administrator = await room.administrator();
  await administrator.query("update auth.users set encrypted_password = 'no hash at all' where id = $1", [id]);
  await administrator.end();
  const answer = await room.signIn(email);
  expect([answer.status, answer.body.code]).toEqual([400, "invalid_credentials"]);
});

test("once a scheme is brought along, unknown addresses cost it too", async () => {
  const other = await new TestIdentity().start();
  try {
    const key = await other.identity.issueServiceKey();
    for (let account = 0; account < 3; account += 1) {
      const body = { email: newEmail(), password_hash: await bcrypt(goodPassword, 11) };
      expect((await other.call("POST", "/admin/users", { token: key, body })).status).toBe(200);
    }
    const time = async () => {
      const started = process.cpuUsage();
      await other.signIn(newEmail(), otherPassword);
      const { user, system } = process.cpuUsage(started);
      return user + system;
    };
    const bcryptCost = 40_000;
    expect(await time()).toBeGreaterThan(bcryptCost);
  } finally {
    await other.stop();
  }
});

test("a password that the configured service has seen is refused; without an answer none is accepted, and signing in goes on", async () => {
  let isAnswering = true;
  const seen = createHash("sha1").update(otherPassword).digest("hex").toUpperCase();
  const service = createServer((request, response) => {
    if (!isAnswering) response.writeHead(500).end();
    else if (request.url?.endsWith(seen.slice(0, 5))) response.end(`${seen.slice(5)}:3`);
    else response.end("0018A45C4D1DEF81644B54AB7F969B88D65:1");
  });
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  try {
    const breachRange = `http://127.0.0.1:${(service.address() as AddressInfo).port}/range`;
    const identity = { ...testPolicy.identity, password: { ...testPolicy.identity.password, breachRange } };
    const url = await room.listen(await room.twin({ policy: { ...testPolicy, identity } }));
    const signUp = (password: string, at = url) =>
      room.call("POST", "/signup", { body: { email: newEmail(), password } }, at);
    const refused = await signUp(otherPassword);
    expect([refused.status, refused.body.code, refused.body.weak_password]).toEqual([
      422,
      "weak_password",
      { reasons: ["pwned"] },
    ]);
    expect((await signUp(goodPassword)).status).toBe(200);
    const { email } = await room.person();
    isAnswering = false;
    const unanswered = await signUp(goodPassword);
    expect([unanswered.status, unanswered.body.code]).toEqual([503, "password_check_unavailable"]);
    expect(room.eventsNamed("account.refused").at(-1)).toMatchObject({ reason: "password_check_unavailable" });
    const body = { email, password: goodPassword };
    expect((await room.call("POST", "/token?grant_type=password", { body }, url)).status).toBe(200);
    const careless = await room.twin({ policy: { ...testPolicy, identity }, rules: { breachVerdict: () => "accept" } });
    expect((await signUp(otherPassword, await room.listen(careless))).status).toBe(200);
  } finally {
    service.close();
  }
});
