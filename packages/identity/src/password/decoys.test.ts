import { expect, test } from "vitest";
import { createDecoys } from "./decoys.ts";
import { profileOf } from "./stored-hash.ts";

const cost = { memoryKib: 19_456, passes: 2, lanes: 1 };
const usual = "$argon2id$v=19$m=19456,t=2,p=1";
const addresses = Array.from({ length: 4000 }, (_, index) => `p${index}@example.test`);
const share = (decoys: ReturnType<typeof createDecoys>, profile: string) =>
  addresses.filter((address) => profileOf(decoys.for(address)) === profile).length / addresses.length;

test("where every hash is our own, every unknown address costs one of ours", () => {
  const decoys = createDecoys(cost);
  expect(share(decoys, usual)).toBe(1);
  decoys.weigh([{ profile: usual, accounts: 7 }]);
  expect(share(decoys, usual)).toBe(1);
  decoys.weigh([]);
  expect(share(decoys, usual)).toBe(1);
});

test("where accounts were brought along, unknown addresses cost what accounts cost, in the same proportion", () => {
  const decoys = createDecoys(cost);
  decoys.weigh([
    { profile: usual, accounts: 300 },
    { profile: "$2a$10", accounts: 600 },
    { profile: "$fbscrypt$v=1,n=14,r=8,p=1", accounts: 100 },
  ]);
  expect(share(decoys, usual)).toBeCloseTo(0.3, 1);
  expect(share(decoys, "$2a$10")).toBeCloseTo(0.6, 1);
  expect(share(decoys, "$fbscrypt$v=1,n=14,r=8,p=1")).toBeCloseTo(0.1, 1);
  expect(decoys.know("$2a$10")).toBe(true);
  expect(decoys.know("$2b$12")).toBe(false);
});

test("an unknown address costs the same each time, and which scheme it is cannot be worked out without the secret", () => {
  const counts = [
    { profile: usual, accounts: 1 },
    { profile: "$2b$10", accounts: 1 },
  ];
  const [one, other] = [createDecoys(cost), createDecoys(cost)];
  one.weigh(counts);
  other.weigh(counts);
  const drawn = (decoys: typeof one) => addresses.map((address) => profileOf(decoys.for(address)));
  expect(drawn(one)).toEqual(drawn(one));
  expect(drawn(one)).not.toEqual(drawn(other));
});

test("what the database calls a profile but is none changes nothing", () => {
  const decoys = createDecoys(cost);
  decoys.weigh([{ profile: "$argon2id$v=19$m=4294967295,t=4294967295,p=1", accounts: 9 }]);
  expect(share(decoys, usual)).toBe(1);
});
