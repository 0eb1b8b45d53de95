// A throw-away certificate authority for tests and benchmarks.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import type { ServiceCertificate } from "@holdfast/vault";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2";

export interface TestAuthority {
  readonly certificatePem: string;
  /** A certificate for 127.0.0.1 and localhost whose URI names the SPIFFE id. */
  issue(uri: string): Promise<ServiceCertificate>;
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${bytes.replace(/.{64}/g, "$&\n")}\n-----END PRIVATE KEY-----\n`;
}

export async function testAuthority(): Promise<TestAuthority> {
  x509.cryptoProvider.set(webcrypto as unknown as Crypto);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const period = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=Test authority",
    keys: keys as never,
    signingAlgorithm: ALGORITHM,
    ...period,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const certificatePem = authority.toString("pem");
  return {
    certificatePem,
    async issue(uri) {
      const own = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
      const certificate = await x509.X509CertificateGenerator.create({
        subject: "CN=test",
        issuer: authority.subject,
        signingKey: keys.privateKey as never,
        publicKey: own.publicKey as never,
        signingAlgorithm: ALGORITHM,
        ...period,
        extensions: [
          new x509.ExtendedKeyUsageExtension([SERVER_AUTHENTICATION, CLIENT_AUTHENTICATION]),
          new x509.SubjectAlternativeNameExtension([
            { type: "dns", value: "localhost" },
            { type: "ip", value: "127.0.0.1" },
            { type: "url", value: uri },
          ]),
        ],
      });
      return {
        certificatePem: certificate.toString("pem"),
        privateKeyPem: await pemOf(own.privateKey),
        authorityPem: certificatePem,
      };
    },
  };
}
