// Where a run comes from. A deployment counts failures by address; a run on the same machine takes an address of its own, so that
// its attacks do not lock out the people who really sign in from there, nor the next run.
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const OCTET_MAX = 254;

/**
 * A random address of 127.0.0.0/8 to connect from, when the target is reached over it and this machine answers for the whole
 * network (Linux does; macOS knows 127.0.0.1 only). Otherwise undefined: the machine's usual address.
 */
export async function sourceAddress(host: string): Promise<string | undefined> {
  if (!/^127\.\d+\.\d+\.\d+$/u.test(host)) return undefined;
  // Never 127.0.x.x, where the machine's own services and people are.
  const address = `127.${randomInt(1, OCTET_MAX)}.${randomInt(1, OCTET_MAX)}.${randomInt(1, OCTET_MAX)}`;
  return (await canBind(address)) ? address : undefined;
}

function canBind(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(0, address, () => server.close(() => resolve(true)));
  });
}
