// The listener and the load: only who holds a certificate of ours gets an answer, and hashing holds up nothing else.
import { mkdtemp, rm } from "node:fs/promises";
import { type RequestOptions, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openVault } from "@holdfast/vault";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestIdentity } from "./testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());

const ask = (options: RequestOptions) =>
  new Promise<number | undefined>((resolve, reject) => {
    const sent = request({ ...options, path: "/health", agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject).end();
  });

test("without a client certificate of our authority nobody gets an answer", async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-identity-"));
  const vault = await openVault({ directory });
  const authority = await vault.certificateAuthority();
  const wanted = { ipAddresses: ["127.0.0.1"], days: 1 };
  const own = await authority.issue({ ...wanted, commonName: "identity", usage: ["server"] });
  const gateway = await authority.issue({ ...wanted, commonName: "gateway", usage: ["client"] });
  const serverOptions = {
    key: own.privateKeyPem,
    cert: own.certificatePem,
    ca: own.authorityPem,
    requestCert: true,
    rejectUnauthorized: true,
  };
  const { port } = new URL(await room.listen(await room.twin({ serverOptions })));
  const known = { host: "127.0.0.1", port, ca: own.authorityPem };
  expect(await ask({ ...known, key: gateway.privateKeyPem, cert: gateway.certificatePem })).toBe(200);
  await expect(ask(known)).rejects.toThrow();
  await vault.close();
  await rm(directory, { recursive: true });
});

test("while no password can be hashed, refreshing, reading the user and the keys go on", async () => {
  const url = await room.listen(await room.twin({ hashQueue: { runningMax: 0, waitingMax: 0 } }));
  const { accessToken, refreshToken, email } = await room.person();
  const body = { refresh_token: refreshToken };
  expect((await room.call("POST", "/token?grant_type=password", { body: { email, password: "x" } }, url)).status).toBe(
    503,
  );
  expect((await room.call("POST", "/token?grant_type=refresh_token", { body }, url)).status).toBe(200);
  expect((await room.call("GET", "/user", { token: accessToken }, url)).status).toBe(200);
  expect((await room.call("GET", "/.well-known/jwks.json", {}, url)).status).toBe(200);
});
