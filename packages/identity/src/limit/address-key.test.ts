import { expect, test } from "vitest";
import { addressKey, addressNetwork } from "./address-key.ts";

test("an IPv4 address counts for itself, in each of its spellings", () => {
  expect(addressKey("203.0.113.9")).toBe("203.0.113.9");
  expect(addressKey("::ffff:203.0.113.9")).toBe("203.0.113.9");
  expect(addressKey("::ffff:cb00:7109")).toBe("203.0.113.9");
  expect(addressKey("0:0:0:0:0:FFFF:cb00:7109")).toBe("203.0.113.9");
});

test("an IPv6 address counts for its /64, in each of its spellings", () => {
  const key = "2001:db8:0:1::/64";
  const spellings = [
    "2001:db8:0:1::1",
    "2001:0DB8:0000:0001:ffff:ffff:ffff:ffff",
    "2001:db8:0:1:0:0:192.0.2.1",
    "2001:db8::1:a:b:c:d",
  ];
  for (const address of spellings) expect(addressKey(address)).toBe(key);
  expect(addressKey("2001:db8:0:2::1")).not.toBe(key);
  expect(addressKey("::1")).toBe("0:0:0:0::/64");
  expect(addressKey("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
});

test("what is no address shares one key", () => {
  for (const text of ["", "unknown", "1.2.3", "203.0.113.9, 10.0.0.1", "::ffff:999.1.1.1"])
    expect(addressKey(text)).toBe("unknown");
});

test("a network is told to a person as a /24 or a /64, and nothing for what is no address", () => {
  expect(addressNetwork("198.51.100.7")).toBe("198.51.100.0/24");
  expect(addressNetwork("::ffff:198.51.100.7")).toBe("198.51.100.0/24");
  expect(addressNetwork("2001:db8::1")).toBe("2001:db8:0:0::/64");
  expect(addressNetwork("nowhere")).toBe("");
});
