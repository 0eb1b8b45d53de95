import { expect, test } from "vitest";
import { createPasswordHasher } from "./password-hasher.ts";

test("a password is hashed with argon2id at 19 MiB, two passes, one lane, and with a salt of its own", async () => {
  const hasher = await createPasswordHasher();
  const [one, two] = await Promise.all([hasher.hash("a"), hasher.hash("a")]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(one).not.toBe(two);
  expect(await hasher.verify(one ?? "", "a")).toBe(true);
  expect(await hasher.verify(one ?? "", "b")).toBe(false);
});

test("with no hash to compare, the answer is no for every password", async () => {
  const hasher = await createPasswordHasher();
  for (const password of ["", "a", "x".repeat(1000)]) expect(await hasher.verify(null, password)).toBe(false);
});

test("a full queue turns away, and every place is given back", async () => {
  const hasher = await createPasswordHasher({ runningMax: 2, waitingMax: 3 });
  for (let round = 0; round < 3; round += 1) {
    const results = await Promise.allSettled(Array.from({ length: 9 }, () => hasher.hash("a")));
    expect(results.map(({ status }) => status).filter((status) => status === "fulfilled")).toHaveLength(5);
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "over_capacity", status: 503 });
    }
  }
});

test("a failed comparison gives its place back", async () => {
  const hasher = await createPasswordHasher({ runningMax: 1, waitingMax: 0 });
  await expect(hasher.verify("no hash at all", "a")).rejects.toThrow();
  expect(await hasher.verify(null, "a")).toBe(false);
});
