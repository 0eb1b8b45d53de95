import { expect, test } from "vitest";
import { createPasswordHasher } from "./password-hasher.ts";

test("a password is hashed with argon2id at 19 MiB, two passes, one lane, and with a salt of its own", async () => {
  const hasher = createPasswordHasher();
  const [one, two] = await Promise.all([hasher.hash("a"), hasher.hash("a")]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(one).not.toBe(two);
  expect(await hasher.verify(one ?? "", "a")).toBe(true);
  expect(await hasher.verify(one ?? "", "b")).toBe(false);
});

test("with no hash to compare, the answer is no for every password", async () => {
  const hasher = createPasswordHasher();
  for (const password of ["", "a", "x".repeat(1000)]) expect(await hasher.verify(null, password)).toBe(false);
});

test("a full queue turns away, and every place is given back", async () => {
  const hasher = createPasswordHasher({ runningMax: 2, waitingMax: 3 });
  for (let round = 0; round < 3; round += 1) {
    const results = await Promise.allSettled(Array.from({ length: 9 }, () => hasher.hash("a")));
    expect(results.map(({ status }) => status).filter((status) => status === "fulfilled")).toHaveLength(5);
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "over_capacity", status: 503 });
    }
  }
});

test("a stored text that is no hash matches nothing", async () => {
  const hasher = createPasswordHasher({ runningMax: 1, waitingMax: 0 });
  for (const password of ["a", "no hash at all", ""])
    expect(await hasher.verify("no hash at all", password)).toBe(false);
});

test("a password counts as it was typed and in its normal form, and one that is too long not at all", async () => {
  const hasher = createPasswordHasher();
  const [typed, normal] = ["a\u0308", "\u00e4"];
  expect(await hasher.verify(await hasher.hash(normal), typed)).toBe(true);
  expect(await hasher.verify(await hasher.hash(typed), typed)).toBe(true);
  expect(await hasher.verify(await hasher.hash(typed), normal)).toBe(false);
  expect(await hasher.verify(await hasher.hash(""), "x".repeat(1025))).toBe(true);
});

test("a new hash costs what the policy says, and only such a hash is current", async () => {
  const hasher = createPasswordHasher(undefined, { memoryKib: 7168, passes: 5, lanes: 1 });
  const hash = await hasher.hash("a");
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=7168,t=5,p=1\$/);
  expect(hasher.isCurrent(hash)).toBe(true);
  expect(createPasswordHasher().isCurrent(hash)).toBe(false);
});
