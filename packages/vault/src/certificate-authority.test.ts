import { X509Certificate as NodeCertificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type CertificateAuthority,
  makeAuthority,
  openAuthority,
  type ServiceCertificate,
} from "./certificate-authority.ts";
import { openVault } from "./vault.ts";

const NOW = Date.now();
const DAY_MS = 86_400_000;
let authority: CertificateAuthority;
let stranger: CertificateAuthority;

beforeAll(async () => {
  authority = await openAuthority(await makeAuthority(NOW), () => NOW);
  stranger = await openAuthority(await makeAuthority(NOW), () => NOW);
});

const service = (by: CertificateAuthority, name: string, usage: ("server" | "client")[] = ["server", "client"]) =>
  by.issue({
    commonName: name,
    dnsNames: ["localhost"],
    ipAddresses: ["127.0.0.1"],
    uris: [`spiffe://holdfast/${name}`],
    usage,
    days: 1,
  });

/** What the server saw of the client, or how the handshake failed. */
async function handshake(server: ServiceCertificate, client: ServiceCertificate | undefined): Promise<string> {
  const listener = createServer({
    cert: server.certificatePem,
    key: server.privateKeyPem,
    ca: server.authorityPem,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: "TLSv1.3",
  });
  listener.on("tlsClientError", () => undefined);
  listener.on("secureConnection", (socket: TLSSocket) =>
    socket.end(socket.getPeerCertificate().subjectaltname ?? "nobody"),
  );
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as { port: number };
  try {
    return await new Promise<string>((resolve) => {
      let seen = "";
      const socket = connect({
        port,
        host: "127.0.0.1",
        ca: server.authorityPem,
        ...(client && { cert: client.certificatePem, key: client.privateKeyPem }),
      });
      socket.on("data", (chunk) => (seen += String(chunk)));
      socket.on("error", (error) => resolve(`refused: ${(error as { code?: string }).code}`));
      socket.on("close", () => resolve(seen === "" ? "refused: closed" : seen));
    });
  } finally {
    listener.close();
  }
}

test("two services of one authority know each other by their URI names", async () => {
  const [api, gateway] = [await service(authority, "api"), await service(authority, "gateway")];
  expect(await handshake(api, gateway)).toContain("URI:spiffe://holdfast/gateway");
});

test("a client without a certificate, or with one of another authority, is refused", async () => {
  const api = await service(authority, "api");
  expect(await handshake(api, undefined)).toMatch(/^refused/);
  expect(await handshake(api, await service(stranger, "gateway"))).toMatch(/^refused/);
});

test("a server certificate does not serve as a client's, nor an expired one as anything", async () => {
  const api = await service(authority, "api");
  expect(await handshake(api, await service(authority, "gateway", ["server"]))).toMatch(/^refused/);
  const material = await makeAuthority(NOW - 30 * DAY_MS);
  const past = await openAuthority(material, () => NOW - 3 * DAY_MS);
  const present = await openAuthority(material, () => NOW);
  expect(await handshake(await service(present, "api"), await service(past, "gateway"))).toMatch(/^refused/);
  expect(await handshake(await service(present, "api"), await service(present, "gateway"))).toContain("gateway");
});

test("a certificate is P-256, short-lived, no authority, and its serial number is its own", async () => {
  const one = new NodeCertificate((await service(authority, "api")).certificatePem);
  const two = new NodeCertificate((await service(authority, "api")).certificatePem);
  const root = new NodeCertificate(authority.certificatePem);
  expect(one.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
  expect(one.ca).toBe(false);
  expect(root.ca).toBe(true);
  expect(one.checkIssued(root) && one.verify(root.publicKey)).toBe(true);
  expect(one.serialNumber).not.toBe(two.serialNumber);
  expect(one.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
  expect(Date.parse(one.validTo) - NOW).toBeLessThanOrEqual(DAY_MS);
  expect(one.subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1, URI:spiffe://holdfast/api");
});

test("a request without names, usage or sense is refused", async () => {
  const good = { commonName: "api", uris: ["spiffe://holdfast/api"], usage: ["server"], days: 1 } as const;
  const wrong = [{ commonName: "a,CN=b" }, { commonName: "" }, { uris: [] }, { usage: [] }, { days: 0 }, { days: 398 }];
  for (const change of wrong) {
    await expect(authority.issue({ ...good, ...change })).rejects.toMatchObject({ code: "vault/certificate-invalid" });
  }
  expect((await authority.issue(good)).privateKeyPem).toMatch(/^-----BEGIN PRIVATE KEY-----/);
});

test("an authority whose key or signature is not its own is refused", async () => {
  const [mine, other] = [await makeAuthority(NOW), await makeAuthority(NOW)];
  const mixed = { certificatePem: mine.certificatePem, privateKeyPem: other.privateKeyPem };
  await expect(openAuthority(mixed, () => NOW)).rejects.toMatchObject({ code: "vault/certificate-invalid" });
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-authority-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("the vault keeps its authority over a restart", async () => {
  const directory = join(folder, "vault");
  const first = await (await openVault({ directory })).certificateAuthority();
  const second = await (await openVault({ directory })).certificateAuthority();
  expect(second.certificatePem).toBe(first.certificatePem);
  const leaf = new NodeCertificate((await service(second, "api")).certificatePem);
  expect(leaf.verify(new NodeCertificate(first.certificatePem).publicKey)).toBe(true);
});
