import type { AddressInfo } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import type { SecurityEvent } from "@holdfast/policy";
import { expect, onTestFinished, test } from "vitest";
import { testAuthority } from "../testing/certificates.ts";
import { guardPeers, upstreamTlsOptions } from "./tls.ts";

async function service() {
  const authority = await testAuthority();
  const events: SecurityEvent[] = [];
  const server = createServer(upstreamTlsOptions(await authority.issue("spiffe://holdfast/api")), (socket) =>
    socket.end("heard"),
  );
  guardPeers(server, { service: "api", emit: (event) => events.push(event), now: () => 5 });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { authority, events, port: (server.address() as AddressInfo).port };
}

/** What came back, and the port it was asked from. */
function visit(options: Parameters<typeof connect>[1] & { readonly port: number }) {
  return new Promise<{ text: string; port: number }>((resolve) => {
    let text = "";
    const socket: TLSSocket = connect({ host: "127.0.0.1", rejectUnauthorized: false, ...options });
    let port = 0;
    socket.once("connect", () => {
      port = socket.localPort ?? 0;
    });
    socket.on("data", (part) => {
      text += String(part);
    });
    // Being refused is what is tested.
    socket.on("error", () => {});
    socket.once("close", () => resolve({ text, port }));
  });
}

test("the gateway is heard, and that is no event", async () => {
  const { authority, events, port } = await service();
  const { certificatePem: cert, privateKeyPem: key } = await authority.issue("spiffe://holdfast/gateway");
  expect((await visit({ port, cert, key })).text).toBe("heard");
  expect(events).toEqual([]);
});

test.each(["no certificate", "a foreign authority's", "another service's", "an old protocol"])(
  "whoever else comes is not heard, and the event says from where: %s",
  async (what) => {
    const { authority, events, port } = await service();
    const giver = what === "a foreign authority's" ? await testAuthority() : authority;
    const name = what === "another service's" ? "spiffe://holdfast/api" : "spiffe://holdfast/gateway";
    const { certificatePem: cert, privateKeyPem: key } = await giver.issue(name);
    const shown = what === "no certificate" ? {} : { cert, key };
    const old = what === "an old protocol" ? { maxVersion: "TLSv1.2" as const } : {};
    const visited = await visit({ port, ...shown, ...old });
    expect(visited.text).toBe("");
    await expect.poll(() => events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      name: "service.peer-refused",
      at: 5,
      service: "api",
      address: "127.0.0.1",
      reason: { "a foreign authority's": "certificate", "another service's": "name" }[what] ?? "tls",
      detail: { port: visited.port },
    });
  },
);
