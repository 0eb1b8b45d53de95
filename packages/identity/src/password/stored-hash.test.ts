import { hash as bcrypt } from "@node-rs/bcrypt";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareHash } from "./compare-hash.ts";
import { decoyOf, isCurrent, profileOf, readStoredHash } from "./stored-hash.ts";

/** Published examples of other systems: whoever moves here brings such hashes along. */
const signerKey = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";
const examples = [
  // Firebase's own example (github.com/firebase/scrypt).
  [
    `$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=${signerKey}$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==`,
    "user1password",
  ],
  ["$argon2i$v=19$m=16,t=2,p=1$bGJRWThNOHJJTVBSdHl2dQ$NfEnUOuUpb7F2fQkgFUG4g", "test"],
  ["$argon2id$v=19$m=32,t=3,p=2$SFVpOWJ0eXhjRzVkdGN1RQ$RXnb8rh7LaDcn07xsssqqulZYXOM/EUCEFMVcAcyYVk", "test"],
  // jBCrypt's test vectors.
  ["$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", "a"],
] as const;

test.each(examples)("%s is the hash of its password and of no other", async (text, password) => {
  const hash = readStoredHash(text);
  if (hash === null) throw new Error("not read");
  expect(await compareHash(hash, password)).toBe(true);
  for (const other of ["", `${password}1`, password.toUpperCase(), "x".repeat(2000)]) {
    expect(await compareHash(hash, other)).toBe(false);
  }
});

const cost = { memoryKib: 19_456, passes: 2, lanes: 1 };
const digest = "RXnb8rh7LaDcn07xsssqqulZYXOM/EUCEFMVcAcyYVk";
const salt = "SFVpOWJ0eXhjRzVkdGN1RQ";
const argon2 = (parameters: string, name = "argon2id") => `$${name}$v=19$${parameters}$${salt}$${digest}`;
const bcryptBody = "m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe";
const firebase = (parameters: string, key = signerKey) =>
  `$fbscrypt$v=1,${parameters},ss=Bw==,sk=${key}$42xEC+ixf3L2lw==$${signerKey}`;

test("what stands within the bounds is read", () => {
  const read = [
    argon2("m=524288,t=1,p=16"),
    argon2("m=26214,t=20,p=1"),
    `$2b$14$${bcryptBody}`,
    firebase("n=20,r=1,p=2"),
  ];
  for (const text of read) expect(readStoredHash(text), text).not.toBeNull();
});

test("hashes that are malformed, weak by kind, or too expensive to compare are none", () => {
  const refused = [
    "",
    "password",
    "5f4dcc3b5aa765d61d8327deb882cf99",
    "$1$salt$hash",
    "$6$rounds=5000$salt$hash",
    argon2("m=19456,t=2,p=1", "argon2d"),
    argon2("m=19456,t=2,p=1").replace("v=19", "v=16"),
    argon2("m=19456,t=2,p=1").replace("$m", "$keyid=x,m"),
    argon2("m=524289,t=1,p=1"),
    argon2("m=262144,t=3,p=1"),
    argon2("m=19456,t=21,p=1"),
    argon2("m=19456,t=2,p=17"),
    argon2("m=19456,t=0,p=1"),
    argon2("m=8,t=1,p=2"),
    argon2("m=99999999999,t=1,p=1"),
    argon2("m=019456,t=2,p=1"),
    `${argon2("m=19456,t=2,p=1")}\n`,
    argon2("m=19456,t=2,p=1").replace(salt, "c2FsdA"),
    argon2("m=19456,t=2,p=1").replace(digest, "c2FsdA"),
    `$2b$15$${bcryptBody}`,
    `$2b$31$${bcryptBody}`,
    `$2b$03$${bcryptBody}`,
    `$2x$10$${bcryptBody}`,
    `$2b$10$${bcryptBody.slice(1)}`,
    `$2b$10$${bcryptBody.slice(0, -1)}f`,
    `$2b$10$${bcryptBody}x`,
    firebase("n=21,r=1,p=1"),
    firebase("n=20,r=8,p=1"),
    firebase("n=14,r=33,p=1"),
    firebase("n=14,r=8,p=17"),
    firebase("n=14,r=8,p=1", "AAAA"),
    firebase("n=14,r=8,p=1").replace("v=1", "v=2"),
    "$".repeat(5000),
  ];
  for (const text of refused) expect(readStoredHash(text), text.slice(0, 80)).toBeNull();
});

test("any text is read or refused, and never throws", () => {
  const parts = fc.constantFrom(
    "$",
    "argon2id",
    "2b",
    "fbscrypt",
    "v=1",
    "v=19",
    ",",
    "m=19456",
    "t=2",
    "p=1",
    "n=14",
    "r=8",
    "=",
    "A",
    "10",
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 40 }), (words) => {
      const hash = readStoredHash(words.join(""));
      expect(hash === null || hash.text === words.join("")).toBe(true);
    }),
  );
});

test("only argon2id at the present cost is current", () => {
  const current = (text: string) => isCurrent(readStoredHash(text) ?? (undefined as never), cost);
  expect(current(argon2("m=19456,t=2,p=1"))).toBe(true);
  for (const text of [argon2("m=19456,t=3,p=1"), argon2("m=19455,t=2,p=1"), argon2("m=19456,t=2,p=2")]) {
    expect(current(text)).toBe(false);
  }
  for (const text of [argon2("m=19456,t=2,p=1", "argon2i"), `$2b$10$${bcryptBody}`, firebase("n=14,r=8,p=1")]) {
    expect(current(text)).toBe(false);
  }
});

test("of a password longer than bcrypt reads, its beginning is no match", async () => {
  const long = "gravel otter lantern ".repeat(4).slice(0, 80);
  const hash = readStoredHash(await bcrypt(long, 4));
  if (hash === null) throw new Error("not read");
  expect(await compareHash(hash, long.slice(0, 72))).toBe(true);
  expect(await compareHash(hash, long)).toBe(false);
  expect(await compareHash(hash, `${long.slice(0, 72)}anything at all`)).toBe(false);
});

test("a decoy has the scheme and the cost of its profile, and no password", async () => {
  for (const text of [
    argon2("m=64,t=2,p=1"),
    argon2("m=64,t=2,p=1", "argon2i"),
    `$2b$04$${bcryptBody}`,
    firebase("n=4,r=8,p=1"),
  ]) {
    const hash = readStoredHash(text);
    if (hash === null) throw new Error("not read");
    const decoy = decoyOf(profileOf(hash));
    if (decoy === null) throw new Error("no decoy");
    expect(profileOf(decoy)).toBe(profileOf(hash));
    expect(decoy.text).not.toBe(text);
    expect(await compareHash(decoy, "")).toBe(false);
  }
  expect(decoyOf("$argon2id$v=19$m=99999999,t=2,p=1")).toBeNull();
  expect(decoyOf("nonsense")).toBeNull();
});

test("whatever is read can be compared, at its full cost and without a mistake", async () => {
  const base64 = fc.string({ unit: fc.constantFrom(..."ABCDwxyz0189+/="), minLength: 8, maxLength: 90 });
  const cheap = fc.tuple(base64, base64).map(([one, other]) => `$argon2id$v=19$m=8,t=1,p=1$${one}$${other}`);
  await fc.assert(
    fc.asyncProperty(cheap, async (text) => {
      const hash = readStoredHash(text);
      if (hash !== null) expect(await compareHash(hash, "a password")).toBe(false);
    }),
    { numRuns: 2000 },
  );
  for (let round = 0; round < 20; round += 1) {
    const decoy = decoyOf("$2b$10");
    if (decoy === null) throw new Error("no decoy");
    const started = performance.now();
    expect(await compareHash(decoy, "a password")).toBe(false);
    // A text that the library refuses takes microseconds; cost 10 takes tens of milliseconds.
    expect(performance.now() - started).toBeGreaterThan(10);
  }
});
