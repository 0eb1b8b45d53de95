// Who is at the other end of the connection, and under which key their requests are counted.
import type { Socket } from "node:net";

export interface ClientAddress {
  /** As text, for events and upstreams. */
  readonly text: string;
  /** The port it speaks from, for events alone: behind a shared address only both together name somebody (RFC 6302 §2). */
  readonly port: number;
  /** The counting key: an IPv4 address, or the /64 of an IPv6 address, since one host commands a whole /64. */
  readonly key: string;
}

const GROUPS_IN_ADDRESS = 8;
const GROUPS_IN_SLASH_64 = 4;
const IPV4_MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;
const known = new WeakMap<Socket, ClientAddress>();

/** The address of a socket's peer, worked out once per connection. Never from a header (RFC 7239 §8.1). */
export function clientAddress(socket: Socket): ClientAddress {
  const before = known.get(socket) ?? known.get(below(socket));
  if (before !== undefined) return before;
  const { remoteAddress, remotePort } = socket.remoteAddress === undefined ? below(socket) : socket;
  const address = { ...addressFrom(remoteAddress ?? "unknown"), port: remotePort ?? 0 };
  known.set(socket, address);
  return address;
}

/** The connection that carries a TLS socket (`_parent`, undocumented): the only one to have an address when the handshake failed. */
const below = (socket: Socket & { readonly _parent?: Socket }): Socket => socket._parent ?? socket;

/** Splits off the counting key. */
export function addressFrom(remote: string): Omit<ClientAddress, "port"> {
  const mapped = IPV4_MAPPED.exec(remote)?.[1];
  if (mapped !== undefined) return { text: mapped, key: mapped };
  if (!remote.includes(":")) return { text: remote, key: remote };
  const text = remote.split("%")[0] ?? remote;
  return { text, key: `${slash64(text)}/64` };
}

function slash64(address: string): string {
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, GROUPS_IN_ADDRESS - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill("0"), ...right];
  return groups
    .slice(0, GROUPS_IN_SLASH_64)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""))
    .join(":");
}
