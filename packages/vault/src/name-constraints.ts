// What an authority may name (RFC 5280 §4.2.1.10): this machine, the deployment's own hosts, and our services. People let their
// browsers trust it; with its key stolen it must be good for nothing else.
import { isIP } from "node:net";
import { Extension } from "@peculiar/x509";

const NAME_CONSTRAINTS = "2.5.29.30";
/** The URI of a service is constrained by its host: spiffe://holdfast/… (SPIFFE X.509-SVID §4.2). */
const SPIFFE_HOST = "holdfast";
const ALWAYS = ["localhost", "127.0.0.0/8", "::1"] as const;

const SEQUENCE = 0x30;
const PERMITTED_SUBTREES = 0xa0;
const DNS_NAME = 0x82;
const URI = 0x86;
const IP_ADDRESS = 0x87;
const SHORT_LENGTH_MAX = 0x7f;
const LONG_LENGTH = 0x80;
const OCTET = 256;
const OCTET_BITS = 8;
const IPV6_GROUPS = 8;
const HEXADECIMAL = 16;

/** The critical extension that lets an authority name these hosts (DNS names or addresses) besides this machine. */
export function nameConstraints(hosts: readonly string[]): Extension {
  const names = [...new Set([...ALWAYS, ...hosts])].map(subtreeOf);
  const subtrees = [...names, der(URI, Buffer.from(SPIFFE_HOST))].map((base) => der(SEQUENCE, base));
  return new Extension(NAME_CONSTRAINTS, true, der(SEQUENCE, der(PERMITTED_SUBTREES, Buffer.concat(subtrees))));
}

function subtreeOf(name: string): Buffer {
  const [address = "", bits] = name.split("/");
  const kind = isIP(address);
  if (kind === 0) return der(DNS_NAME, Buffer.from(name, "ascii"));
  const octets = kind === 4 ? address.split(".").map(Number) : octetsOfIPv6(address);
  return der(
    IP_ADDRESS,
    Buffer.from([...octets, ...maskOf(octets.length, Number(bits ?? octets.length * OCTET_BITS))]),
  );
}

/** Eight groups of two octets; `::` stands for as many zeros as are missing. */
function octetsOfIPv6(address: string): number[] {
  const { hostname } = new URL(`http://[${address}]`);
  const [head = "", tail = ""] = hostname.slice(1, -1).split("::");
  const groups = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, HEXADECIMAL));
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array<number>(IPV6_GROUPS - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after].flatMap((group) => [Math.floor(group / OCTET), group % OCTET]);
}

const maskOf = (octets: number, bits: number): number[] =>
  Array.from({ length: octets }, (_, index) => (index * OCTET_BITS < bits ? OCTET - 1 : 0));

/** One element of DER (X.690 §8.1, §10.1): tag, length in as few octets as it takes, content. */
function der(tag: number, content: Buffer): Buffer {
  const digits: number[] = [];
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / OCTET)) digits.unshift(rest % OCTET);
  const length = content.length <= SHORT_LENGTH_MAX ? [content.length] : [LONG_LENGTH + digits.length, ...digits];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
