// Does the time of an answer tell whether an address has an account? Thousands of requests in pairs, one for an address that has
// one and one for an address that has none, and twins that must be caught by the same measure.
import { randomUUID } from "node:crypto";
import type { Policy } from "@holdfast/policy";
import { hash as bcrypt } from "@node-rs/bcrypt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { routes } from "../routes.ts";
import { measurePairs, tellsApart } from "../testing/paired-times.ts";
import { goodPassword, newEmail, otherPassword, TestIdentity, testPolicy } from "../testing/start-identity.ts";

/** A cheaper hash than a policy may name, so that thousands of them take seconds; the work around it is the same. */
const policy: Policy = {
  ...testPolicy,
  identity: {
    ...testPolicy.identity,
    // A limit that is met in the middle would measure the limit.
    lockout: { attempts: 100_000, windowSeconds: 900 },
    password: { ...testPolicy.identity.password, hash: { memoryKib: 4096, passes: 2, lanes: 1 } },
  },
};

const PAIRS = 260;
const room = new TestIdentity();
const known: string[] = [];

beforeAll(async () => {
  await room.start({ policy });
  for (let index = 0; index < PAIRS; index += 1) known.push(await account());
}, 60_000);
afterAll(() => room.stop());

async function account(): Promise<string> {
  const email = newEmail();
  await room.identity.createAccount({ email, password: goodPassword, roles: [] });
  return email;
}

type Ask = (email: string) => Promise<unknown>;
const post = (path: string, body: (email: string) => unknown, url: () => string): Ask => {
  return (email) => room.call("POST", path, { body: body(email) }, url());
};
const here = () => room.url;

const signIn = (url: () => string) =>
  post("/token?grant_type=password", (email) => ({ email, password: otherPassword }), url);
const asked: readonly (readonly [string, string, Ask])[] = [
  ["signing in with a wrong password", "POST /token", signIn(here)],
  ["signing up", "POST /signup", post("/signup", (email) => ({ email, password: otherPassword }), here)],
  ["asking for a code", "POST /otp", post("/otp", (email) => ({ email, create_user: false }), here)],
  ["asking for a new password", "POST /recover", post("/recover", (email) => ({ email }), here)],
  ["asking for another mail", "POST /resend", post("/resend", (email) => ({ email, type: "signup" }), here)],
];

const compare = (ask: Ask, pairs = PAIRS, addresses: readonly string[] = known) =>
  measurePairs(
    pairs,
    (pair) => ask(addresses[pair] ?? ""),
    () => ask(`p${randomUUID().slice(0, 13)}@example.test`),
  );

for (const [what, route, ask] of asked.filter(([, route]) => Object.hasOwn(routes, route))) {
  test(`${what} takes the same time for an address with an account and for one without (${route})`, async () => {
    const times = await compare(ask);
    expect(tellsApart(times), JSON.stringify(times)).toBe(false);
  }, 120_000);
}

test("a twin that compares no password where nobody has the address is caught", async () => {
  const url = await room.listen(await room.twin({ policy, rules: { comparesForUnknown: () => false } }));
  const times = await compare(signIn(() => url));
  expect(tellsApart(times), JSON.stringify(times)).toBe(true);
}, 120_000);

test("accounts whose hashes were brought along do not stand out, and an instance that does not know of them is caught", async () => {
  const other = await new TestIdentity().start({ policy });
  try {
    // It looked at the hashes when it started, and looks again with its next sweep.
    const unaware = await other.listen(await other.twin({ policy }));
    const token = await other.identity.issueServiceKey();
    const passwordHash = await bcrypt(goodPassword, 7);
    const brought: string[] = [];
    const addresses: string[] = [];
    for (let index = 0; index < PAIRS; index += 1) {
      const email = newEmail();
      const isBrought = index % 2 === 0;
      const secret = isBrought ? { password_hash: passwordHash } : { password: goodPassword };
      await other.call("POST", "/admin/users", { token, body: { email, ...secret } });
      addresses.push(email);
      if (isBrought) brought.push(email);
    }
    await other.identity.sweep();
    const times = await compare(
      signIn(() => other.url),
      PAIRS,
      addresses,
    );
    expect(tellsApart(times), JSON.stringify(times)).toBe(false);
    const told = await compare(
      signIn(() => unaware),
      brought.length,
      brought,
    );
    expect(tellsApart(told), JSON.stringify(told)).toBe(true);
  } finally {
    await other.stop();
  }
}, 120_000);
