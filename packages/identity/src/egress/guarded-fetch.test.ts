// What identity fetches for a provider, and what it does not.
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createConnections } from "node:net";
import { afterEach, expect, test } from "vitest";
import { addressRange, isLoopbackHost } from "./address-range.ts";
import { createGuardedFetch } from "./guarded-fetch.ts";

const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0)) step();
});

async function server(listener: RequestListener): Promise<string> {
  const listening = createServer(listener);
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  undo.push(() => {
    listening.closeAllConnections();
    listening.close();
  });
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}/`;
}

test("a loopback issuer is fetched where the policy names one, and nothing on loopback otherwise", async () => {
  const url = await server((_request, response) => response.end('{"a":1}'));
  expect(await (await createGuardedFetch(true)(url)).json()).toEqual({ a: 1 });
  for (const outside of [url, url.replace("http:", "https:"), url.replace("127.0.0.1", "localhost")]) {
    await expect(createGuardedFetch(false)(outside)).rejects.toThrow();
  }
  await expect(createGuardedFetch(false)("https://localhost:9/")).rejects.toMatchObject({ fault: "address-inside" });
});

test.each([
  "https://10.0.0.1/",
  "https://192.168.1.1/",
  "https://169.254.169.254/latest/meta-data",
  "https://172.31.0.1/",
  "https://100.64.0.1/",
  "https://0.0.0.0/",
  "https://[fd00::1]/",
  "https://[fe80::1]/",
  "https://[::ffff:10.0.0.1]/",
  "https://[64:ff9b::a00:1]/",
  "https://[2002:a00:1::]/",
  "https://2130706433/",
  "https://0x7f.1/",
])("%s is never connected to, also where loopback is allowed", async (url) => {
  const allowed = url.includes("2130706433") || url.includes("0x7f") ? false : true;
  await expect(createGuardedFetch(allowed)(url)).rejects.toMatchObject({ fault: "address-inside" });
});

test("this host's other name is nobody's loopback; a careless rule would connect to it", async () => {
  let touches = 0;
  const listening = createConnections((socket) => {
    touches += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  undo.push(() => listening.close());
  const wired = `https://0.0.0.0:${(listening.address() as AddressInfo).port}/`;
  await expect(createGuardedFetch(true)(wired)).rejects.toMatchObject({ fault: "address-inside" });
  expect(touches).toBe(0);
  await expect(createGuardedFetch(true, { mayReach: () => true })(wired)).rejects.toMatchObject({
    fault: "unreachable",
  });
  expect(touches).toBe(1);
});

test.each(["http://example.com/", "ftp://example.com/", "file:///etc/passwd"])("%s is not https", async (url) => {
  await expect(createGuardedFetch(true)(url)).rejects.toMatchObject({ fault: "not-https" });
});

test("a redirect is not followed, and an answer without end is cut", async () => {
  const redirecting = await server((_request, response) => {
    response.writeHead(302, { location: "https://169.254.169.254/" }).end();
  });
  await expect(createGuardedFetch(true)(redirecting)).rejects.toMatchObject({ fault: "redirect" });
  const endless = await server((_request, response) => {
    const write = () => {
      while (response.write("x".repeat(65_536)));
    };
    response.on("drain", write);
    write();
  });
  await expect(createGuardedFetch(true)(endless)).rejects.toMatchObject({ fault: "too-large" });
  await expect(createGuardedFetch(true)("http://127.0.0.1:9/")).rejects.toMatchObject({ fault: "unreachable" });
});

test("a host that never answers is given up after five seconds", async () => {
  const silent = await server(() => undefined);
  await expect(createGuardedFetch(true)(silent)).rejects.toMatchObject({ fault: "timeout" });
}, 10_000);

test("addresses are public, loopback or inside, and what is none is inside", () => {
  expect(addressRange("93.184.216.34")).toBe("public");
  expect(addressRange("2606:4700::1111")).toBe("public");
  expect(addressRange("127.9.9.9")).toBe("loopback");
  expect(addressRange("::1")).toBe("loopback");
  expect(addressRange("example.com")).toBe("inside");
  expect(isLoopbackHost("[::1]")).toBe(true);
  expect(isLoopbackHost("localhost.evil.example")).toBe(false);
});
