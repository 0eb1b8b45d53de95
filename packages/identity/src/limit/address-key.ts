// Whose attempts are counted together: one IPv4 address, or one IPv6 /64 (a single customer owns all of it).
import { isIP } from "node:net";

const groups = 8;
const networkGroups = 4;
const hexadecimal = 16;

/** All eight groups of an IPv6 address, without leading zeros; a dotted IPv4 tail becomes two groups. */
function expand(address: string): readonly string[] {
  const plain = address.replace(/%.*$/, "").replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const pair = (high: string, low: string) => ((Number(high) << 8) | Number(low)).toString(hexadecimal);
    return `${pair(a, b)}:${pair(c, d)}`;
  });
  const [head = "", tail] = plain.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : groups - before.length - after.length;
  return [...before, ...Array<string>(zeros).fill("0"), ...after].map((group) =>
    Number.parseInt(group, hexadecimal).toString(hexadecimal),
  );
}

const mappedPrefix = "0:0:0:0:0:ffff";

/** A stable text for the network an address belongs to. What is no address shares one key: it is never unlimited. */
export function addressKey(address: string): string {
  const kind = isIP(address);
  if (kind === 4) return address;
  if (kind !== 6) return "unknown";
  const all = expand(address);
  if (all.slice(0, groups - 2).join(":") === mappedPrefix) {
    const [high = 0, low = 0] = all.slice(groups - 2).map((group) => Number.parseInt(group, hexadecimal));
    return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  }
  return `${all.slice(0, networkGroups).join(":")}::/64`;
}

/**
 * The network an address belongs to, for a person to recognise: the /24 of an IPv4 address, the /64 of an IPv6 address; "" for
 * what is no address. It needs no service that knows places, and no place is claimed.
 */
export function addressNetwork(address: string): string {
  const key = addressKey(address);
  if (isIP(key) === 4) return `${key.slice(0, key.lastIndexOf("."))}.0/24`;
  return key === "unknown" ? "" : key;
}
