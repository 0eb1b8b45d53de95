// What is used once is used once: parallel redemptions, guesses, expiry, and who may redeem what. In pairs with twins that forget.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Statements } from "../database.ts";
import type { IdentityContext } from "../identity-context.ts";
import { identityRules } from "../rules.ts";
import { TestIdentity } from "../testing/start-identity.ts";
import { codeGuessesMax, endOnce, issueOnce, peekOnce, removeOldTokens, spendOnce } from "./once.ts";
import { oncePurposes } from "./purpose.ts";

const room = new TestIdentity();
let context: Pick<IdentityContext, "keys" | "now" | "rules"> & { readonly database: Statements };
beforeAll(async () => {
  await room.start();
  const pool = room.pool("holdfast_identity");
  const query: IdentityContext["database"]["query"] = async (text, values) => (await pool.query(text, values)) as never;
  context = { database: { query }, keys: room.keys, now: () => room.time, rules: identityRules };
});
afterAll(() => room.stop());

const twin = (rules: Partial<IdentityContext["rules"]>) => ({ ...context, rules: { ...identityRules, ...rules } });
const wanted = {
  purpose: "sign-in",
  subject: "a@example.test",
  userId: null,
  seconds: 600,
  payload: { n: 1 },
} as const;
let subjects = 0;
const newSubject = () => `s${(subjects += 1)}@example.test`;
const parallel = 200;

test.each(oncePurposes)("of 200 parallel redemptions of a token for %s exactly one succeeds", async (purpose) => {
  for (const secret of ["token", "digits", "both", { given: "abc" }] as const) {
    const subject = newSubject();
    const issued = await issueOnce(context, { ...wanted, purpose, subject, secret });
    const proof = { purpose, subject, secret: issued.secret };
    const answers = await Promise.all(Array.from({ length: parallel }, () => spendOnce(context, proof)));
    const successes = answers.filter((answer) => answer !== null);
    expect(successes).toEqual([{ id: issued.id, userId: null, subject, payload: { n: 1 } }]);
  }
});

test("a twin that lets a spent token in again is caught", async () => {
  const { secret } = await issueOnce(context, { ...wanted, secret: "token" });
  const again = twin({ mayRedeemAgain: () => true });
  expect(await spendOnce(again, { purpose: "sign-in", secret })).not.toBeNull();
  expect(await spendOnce(again, { purpose: "sign-in", secret })).not.toBeNull();
});

test("of a link and its code either one redeems, and then both are spent", async () => {
  for (const first of ["secret", "code"] as const) {
    const subject = newSubject();
    const issued = await issueOnce(context, { ...wanted, subject, secret: "both" });
    expect(issued.code).toMatch(/^\d{6}$/);
    expect(issued.secret).toMatch(/^[\w-]{43}$/);
    expect(await spendOnce(context, { purpose: "sign-in", subject, secret: issued[first] })).not.toBeNull();
    const other = first === "secret" ? issued.code : issued.secret;
    expect(await spendOnce(context, { purpose: "sign-in", subject, secret: other })).toBeNull();
  }
});

test("a token redeems by itself; digits and what was given only with their subject, and nothing for another purpose or subject", async () => {
  const subject = newSubject();
  const token = await issueOnce(context, { ...wanted, subject, secret: "token" });
  const digits = await issueOnce(context, { ...wanted, subject, secret: "digits" });
  const given = await issueOnce(context, { ...wanted, subject, secret: { given: "given" } });
  for (const { secret } of [digits, given]) expect(await spendOnce(context, { purpose: "sign-in", secret })).toBeNull();
  for (const { secret } of [token, digits, given]) {
    expect(await spendOnce(context, { purpose: "sign-in", subject: newSubject(), secret })).toBeNull();
    expect(await spendOnce(context, { purpose: "recover", subject, secret })).toBeNull();
  }
  expect(await spendOnce(context, { purpose: "sign-in", secret: token.secret })).not.toBeNull();
  for (const { secret } of [digits, given]) {
    expect(await spendOnce(context, { purpose: "sign-in", subject, secret })).not.toBeNull();
  }
});

test("a code is dead after five wrong guesses, also parallel ones; its link lives on", async () => {
  const subject = newSubject();
  const { code, secret } = await issueOnce(context, { ...wanted, subject, secret: "both" });
  const wrong = code === "000000" ? "000001" : "000000";
  const guess = (guessed: string) => spendOnce(context, { purpose: "sign-in", subject, secret: guessed });
  await Promise.all(Array.from({ length: 30 }, () => guess(wrong)));
  expect(await guess(code)).toBeNull();
  expect(await guess(secret)).not.toBeNull();
});

test("four wrong guesses leave the fifth, and a twin that does not count is caught", async () => {
  const subject = newSubject();
  const { code } = await issueOnce(context, { ...wanted, subject, secret: "digits" });
  const wrong = code === "000000" ? "000001" : "000000";
  const guess = (guessed: string, of = context) => spendOnce(of, { purpose: "sign-in", subject, secret: guessed });
  for (let n = 1; n < codeGuessesMax; n += 1) expect(await guess(wrong)).toBeNull();
  expect(await guess(code)).not.toBeNull();
  const other = await issueOnce(context, { ...wanted, subject, secret: "digits" });
  const endless = twin({ codeGuessesMax: () => 1_000_000 });
  const miss = other.code === "000000" ? "000001" : "000000";
  for (let n = 0; n < 20; n += 1) expect(await guess(miss, endless)).toBeNull();
  expect(await guess(other.code, endless)).not.toBeNull();
});

test("a token that has run out redeems nothing, and a twin that forgets when is caught", async () => {
  const { secret } = await issueOnce(context, { ...wanted, seconds: 60, secret: "token" });
  room.pass(60);
  expect(await peekOnce(context, "sign-in", secret)).toBeNull();
  expect(await spendOnce(context, { purpose: "sign-in", secret })).toBeNull();
  const forgetful = twin({ expiryBound: () => 0 });
  expect(await spendOnce(forgetful, { purpose: "sign-in", secret })).not.toBeNull();
});

test("looking at a token does not spend it, a decoy redeems nothing, and ending ends", async () => {
  const subject = newSubject();
  const { secret } = await issueOnce(context, { ...wanted, subject, secret: "token" });
  expect(await peekOnce(context, "sign-in", secret)).toMatchObject({ subject });
  expect(await endOnce(context, { subject }, ["recover"])).toBe(0);
  expect(await endOnce(context, { subject }, ["sign-in"])).toBe(1);
  expect(await spendOnce(context, { purpose: "sign-in", secret })).toBeNull();
  const decoy = await issueOnce(context, { ...wanted, secret: "token", decoy: true });
  expect(await spendOnce(context, { purpose: "sign-in", secret: decoy.secret })).toBeNull();
});

test("the table tells no secret, and is swept", async () => {
  const administrator = await room.administrator();
  const subject = newSubject();
  const { code, secret } = await issueOnce(context, { ...wanted, subject, secret: "both" });
  const rows = async () =>
    (await administrator.query("select * from auth.one_time_tokens where subject = $1", [subject])).rows;
  const text = JSON.stringify(await rows());
  for (const part of [code, secret]) expect(text).not.toContain(part);
  room.pass(600);
  await removeOldTokens(context, 10_000);
  expect(await rows()).toEqual([]);
  await administrator.end();
});

test("an account that goes takes its tokens with it", async () => {
  const { id } = await room.person();
  const subject = newSubject();
  const { secret } = await issueOnce(context, { ...wanted, subject, userId: id, secret: "token" });
  const administrator = await room.administrator();
  const rows = async () =>
    (await administrator.query("select from auth.one_time_tokens where user_id = $1", [id])).rows.length;
  expect(await rows()).toBe(1);
  const token = await room.identity.issueServiceKey();
  await room.call("DELETE", `/admin/users/${id}`, { token, body: {} });
  expect(await rows()).toBe(0);
  expect(await spendOnce(context, { purpose: "sign-in", secret })).toBeNull();
  await administrator.end();
});
