// Holdfast's own certificate authority: it names the services that talk to each other over mutual TLS. Its certificates are
// short-lived, their serial numbers random, and a service is told by its URI name (SPIFFE), never by its address.
import "reflect-metadata";
import { createPrivateKey, X509Certificate as NodeCertificate, randomBytes, webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { VaultError } from "./error.ts";
import { nameConstraints } from "./name-constraints.ts";

/** What a TLS server or client needs. */
export interface ServiceCertificate {
  readonly certificatePem: string;
  /** PKCS #8. */
  readonly privateKeyPem: string;
  /** The authority's certificate, to verify the other side with. */
  readonly authorityPem: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** For example `spiffe://holdfast/gateway`. */
  readonly uris?: readonly string[];
  readonly usage: readonly ("server" | "client")[];
  readonly days: number;
}

export interface CertificateAuthority {
  readonly certificatePem: string;
  /** @throws VaultError `vault/certificate-invalid` for a request that makes no sense. */
  issue(request: CertificateRequest): Promise<ServiceCertificate>;
}

/** What the vault keeps of the authority. */
export interface AuthorityMaterial {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** What it may name besides this machine and our services. Absent in one that was made when none was constrained. */
  readonly hosts?: readonly string[];
}

const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING_ALGORITHM = { name: "ECDSA", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
/** Clocks differ: a certificate is valid a little before it was made. */
const BACKDATED_MS = 300_000;
const AUTHORITY_DAYS = 3_650;
const LEAF_DAYS_MAX = 397;
const SERIAL_BYTES = 16;
const COMMON_NAME = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/;

/**
 * Makes a new authority. Its key signs certificates and nothing else; it may not make other authorities, nor name anything but
 * this machine, our services and `hosts`.
 */
export async function makeAuthority(now: number, hosts: readonly string[] = []): Promise<AuthorityMaterial> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
  const name = `CN=Holdfast local authority ${randomBytes(4).toString("hex")}`;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name,
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(now + AUTHORITY_DAYS * DAY_MS),
    keys,
    signingAlgorithm: SIGNING_ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      nameConstraints(hosts),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificatePem: certificate.toString("pem"), privateKeyPem: await privateKeyPem(keys.privateKey), hosts };
}

/** Opens an authority that was made before. @throws VaultError when key and certificate do not belong together. */
export async function openAuthority(material: AuthorityMaterial, now: () => number): Promise<CertificateAuthority> {
  if (!new NodeCertificate(material.certificatePem).checkPrivateKey(createPrivateKey(material.privateKeyPem))) {
    throw invalid("the private key of the authority's certificate", "another key");
  }
  const certificate = new X509Certificate(material.certificatePem);
  const [pkcs8] = PemConverter.decode(material.privateKeyPem);
  const signingKey = await webcrypto.subtle.importKey("pkcs8", pkcs8 as ArrayBuffer, KEY_ALGORITHM, false, ["sign"]);
  const issuerKeyId = await AuthorityKeyIdentifierExtension.create(certificate);
  return {
    certificatePem: material.certificatePem,
    issue: async (request) => {
      checkRequest(request);
      const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
      const at = now();
      const leaf = await X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: `CN=${request.commonName}`,
        issuer: certificate.subject,
        notBefore: new Date(at - BACKDATED_MS),
        notAfter: new Date(Math.min(at + request.days * DAY_MS, certificate.notAfter.getTime())),
        publicKey: keys.publicKey,
        signingKey,
        signingAlgorithm: SIGNING_ALGORITHM,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension(request.usage.map((usage) => ExtendedKeyUsage[`${usage}Auth`])),
          new SubjectAlternativeNameExtension(alternativeNames(request)),
          await SubjectKeyIdentifierExtension.create(keys.publicKey),
          issuerKeyId,
        ],
      });
      return {
        certificatePem: leaf.toString("pem"),
        privateKeyPem: await privateKeyPem(keys.privateKey),
        authorityPem: material.certificatePem,
      };
    },
  };
}

/** 127 random bits (CA/Browser Forum asks for at least 64), positive as RFC 5280 §4.1.2.2 wants it. */
function serialNumber(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

const privateKeyPem = async (key: webcrypto.CryptoKey): Promise<string> =>
  PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");

function alternativeNames(request: CertificateRequest): JsonGeneralName[] {
  return [
    ...(request.dnsNames ?? []).map((value): JsonGeneralName => ({ type: "dns", value })),
    ...(request.ipAddresses ?? []).map((value): JsonGeneralName => ({ type: "ip", value })),
    ...(request.uris ?? []).map((value): JsonGeneralName => ({ type: "url", value })),
  ];
}

function checkRequest(request: CertificateRequest): void {
  if (!COMMON_NAME.test(request.commonName))
    throw invalid("a plain common name", JSON.stringify(request.commonName).slice(0, 80));
  if (!(request.days > 0 && request.days <= LEAF_DAYS_MAX))
    throw invalid(`1 to ${LEAF_DAYS_MAX} days`, String(request.days));
  if (request.usage.length === 0) throw invalid("a usage: server, client or both", "none");
  // RFC 9525 §2: the common name is not looked at, so a certificate without names is good for nothing.
  if (alternativeNames(request).length === 0) throw invalid("at least one DNS name, address or URI", "none");
}

const invalid = (expected: string, found: string): VaultError =>
  new VaultError("vault/certificate-invalid", { expected, found, hint: "Correct the request for the certificate." });
