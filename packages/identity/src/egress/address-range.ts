// Which network addresses identity may connect to on behalf of the policy: the public Internet, and loopback where the policy
// itself names a loopback issuer. Everything between is somebody's inside (OWASP SSRF cheat sheet; RFC 6890).
import { BlockList, isIP, isIPv6 } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

const inside = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const)
  inside.addSubnet(network, prefix, "ipv4");

/** The one block of global unicast addresses, less what is reserved inside it. */
const globalUnicast = new BlockList();
globalUnicast.addSubnet("2000::", 3, "ipv6");
const reserved = new BlockList();
// Teredo, documentation, 6to4: each hides an IPv4 address or none at all.
for (const [network, prefix] of [
  ["2001::", 32],
  ["2001:db8::", 32],
  ["2002::", 16],
] as const)
  reserved.addSubnet(network, prefix, "ipv6");

export type AddressRange = "public" | "loopback" | "inside";

/** Where an IP address lies; anything that is none counts as inside. */
export function addressRange(address: string): AddressRange {
  if (isIP(address) === 0) return "inside";
  const family = isIPv6(address) ? "ipv6" : "ipv4";
  if (loopback.check(address, family)) return "loopback";
  if (family === "ipv4") return inside.check(address, "ipv4") ? "inside" : "public";
  return globalUnicast.check(address, "ipv6") && !reserved.check(address, "ipv6") ? "public" : "inside";
}

/** What is public may be reached, and this machine where the policy itself names an issuer on it. */
export const mayReach = (range: AddressRange, allowsLoopback: boolean): boolean =>
  range === "public" || (range === "loopback" && allowsLoopback);

/** Is the host of a URL this machine, by name or by address? */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  return bare === "localhost" || addressRange(bare) === "loopback";
}
