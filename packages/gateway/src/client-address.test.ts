import { expect, test } from "vitest";
import { addressFrom } from "./client-address.ts";

test.each([
  ["127.0.0.1", "127.0.0.1"],
  ["::ffff:10.1.2.3", "10.1.2.3"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2/64"],
  ["2001:db8:1:2::1", "2001:db8:1:2/64"],
  ["2001:0db8:0001:0002::9", "2001:db8:1:2/64"],
  ["2001:db8::1", "2001:db8:0:0/64"],
  ["::1", "0:0:0:0/64"],
  ["fe80::1%eth0", "fe80:0:0:0/64"],
])("%s is counted as %s", (remote, key) => {
  expect(addressFrom(remote).key).toBe(key);
});

test("addresses of one /64 share a key, addresses of two do not", () => {
  expect(addressFrom("2001:db8:1:2::aaaa").key).toBe(addressFrom("2001:db8:1:2:ffff::1").key);
  expect(addressFrom("2001:db8:1:3::1").key).not.toBe(addressFrom("2001:db8:1:2::1").key);
});
