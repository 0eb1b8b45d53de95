import { X509Certificate as NodeCertificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkServerIdentity, connect, createServer, type PeerCertificate, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type CertificateAuthority,
  type CertificateRequest,
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

/** How a client that trusts the authority finds a server's certificate for a host. */
async function verdict(certificate: ServiceCertificate, host: string): Promise<string> {
  const listener = createServer({ cert: certificate.certificatePem, key: certificate.privateKeyPem });
  listener.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as { port: number };
  try {
    return await new Promise<string>((resolve) => {
      const servername = isIP(host) === 0 ? { servername: host } : {};
      const check = { checkServerIdentity: (_: string, peer: PeerCertificate) => checkServerIdentity(host, peer) };
      const socket = connect({ port, host: "127.0.0.1", ca: certificate.authorityPem, ...servername, ...check });
      socket.on("secureConnect", () => resolve("trusted")).on("error", (error) => resolve(error.message));
      socket.on("secureConnect", () => socket.destroy());
    });
  } finally {
    listener.close();
  }
}

test("the authority may name this machine, the deployment's own hosts and our services", async () => {
  const own = await openAuthority(await makeAuthority(NOW, ["content.example", "192.0.2.7", "2001:db8::7"]), () => NOW);
  const server = (names: Partial<CertificateRequest>) =>
    own.issue({ commonName: "server", usage: ["server"], days: 1, ...names });
  for (const host of ["localhost", "content.example"])
    expect(await verdict(await server({ dnsNames: [host] }), host), host).toBe("trusted");
  for (const host of ["127.0.0.1", "127.1.2.3", "::1", "192.0.2.7", "2001:db8::7"])
    expect(await verdict(await server({ ipAddresses: [host] }), host), host).toBe("trusted");
  expect(await handshake(await service(own, "api"), await service(own, "gateway"))).toContain("holdfast/gateway");
});

test("with its key stolen the authority is good for no other host, address or service", async () => {
  const own = await openAuthority(await makeAuthority(NOW, ["content.example"]), () => NOW);
  const server = (names: Partial<CertificateRequest>) =>
    own.issue({ commonName: "server", usage: ["server"], days: 1, ...names });
  const refused = "permitted subtree violation";
  for (const host of ["bank.example", "content.example.net", "example"])
    expect(await verdict(await server({ dnsNames: [host] }), host), host).toBe(refused);
  for (const host of ["192.0.2.7", "128.0.0.1", "::2"])
    expect(await verdict(await server({ ipAddresses: [host] }), host), host).toBe(refused);
  const foreign = await server({ ipAddresses: ["127.0.0.1"], uris: ["spiffe://elsewhere/api"] });
  expect(await verdict(foreign, "127.0.0.1")).toBe(refused);
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

test("an authority that may not name the origin's host gives way to one that may, and only then", async () => {
  const directory = join(folder, "moved");
  const open = async (origin?: string): Promise<string> =>
    (await (await openVault({ directory })).certificateAuthority(origin)).certificatePem;
  const first = await open("https://localhost:8443");
  const moved = await open("https://content.example");
  expect(moved).not.toBe(first);
  expect([await open("https://content.example:8443"), await open()]).toEqual([moved, moved]);
});
