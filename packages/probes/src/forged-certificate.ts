// Certificates that nobody should accept: an authority of our own making, and what it signs. Written in DER by hand
// (RFC 5280 §4.1), because the prover shares no code with the certificate authority it attacks.
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";

export interface ForgedCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface ForgedAuthority {
  readonly certificatePem: string;
  /** A certificate for a host or a URI (SPIFFE), valid from an hour ago for `days`; negative days make an expired one. */
  issue(subject: { host?: string; uri?: string; days?: number }): ForgedCertificate;
}

/** DER writes lengths below this in one byte (X.690 §8.1.3). */
const SHORT_LENGTH_MAX = 0x80;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const AUTHORITY_NAME = "Probe authority";

/** Makes a certificate authority that nobody trusts. */
export function forgeAuthority(): ForgedAuthority {
  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const own = certificate({
    subject: AUTHORITY_NAME,
    issuerKey: authority.privateKey,
    key: authority.publicKey,
    days: 1,
    extensions: [extension("551d13", sequence(Buffer.from("0101ff", "hex")), true)],
  });
  return {
    certificatePem: pem(own),
    issue({ host, uri, days = 1 }) {
      const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const names = [...(host ? [hostName(host)] : []), ...(uri ? [tagged(URI_TAG, Buffer.from(uri, "latin1"))] : [])];
      const der = certificate({
        subject: host ?? "probe",
        issuerKey: authority.privateKey,
        key: pair.publicKey,
        days,
        extensions: names.length > 0 ? [extension("551d11", sequence(...names), false)] : [],
      });
      return { certificatePem: pem(der), privateKeyPem: privatePem(pair.privateKey) };
    },
  };
}

interface CertificateParts {
  readonly subject: string;
  readonly issuerKey: KeyObject;
  readonly key: KeyObject;
  readonly days: number;
  readonly extensions: readonly Buffer[];
}

const URI_TAG = 0x86;
const DNS_TAG = 0x82;
const IP_TAG = 0x87;
const SERIAL_BYTES = 15;
/** ecdsa-with-SHA256, 1.2.840.10045.4.3.2. */
const SIGNATURE_ALGORITHM = sequence(element(0x06, Buffer.from("2a8648ce3d040302", "hex")));

function certificate(parts: CertificateParts): Buffer {
  const now = Date.now();
  const from = parts.days < 0 ? now + 2 * parts.days * DAY_MS : now - HOUR_MS;
  const body = sequence(
    tagged(0xa0, element(0x02, Buffer.from([2]))),
    element(0x02, Buffer.concat([Buffer.from([1]), randomBytes(SERIAL_BYTES)])),
    SIGNATURE_ALGORITHM,
    distinguishedName(AUTHORITY_NAME),
    sequence(time(from), time(now + parts.days * DAY_MS)),
    distinguishedName(parts.subject),
    parts.key.export({ type: "spki", format: "der" }),
    ...(parts.extensions.length > 0 ? [tagged(0xa3, sequence(...parts.extensions))] : []),
  );
  const signature = sign("sha256", body, parts.issuerKey);
  return sequence(body, SIGNATURE_ALGORITHM, element(0x03, Buffer.concat([Buffer.from([0]), signature])));
}

function hostName(host: string): Buffer {
  if (isIP(host) === 0) return tagged(DNS_TAG, Buffer.from(host, "latin1"));
  return tagged(IP_TAG, Buffer.from(host.split(".").map(Number)));
}

function extension(oidHex: string, value: Buffer, critical: boolean): Buffer {
  const flag = critical ? [Buffer.from("0101ff", "hex")] : [];
  return sequence(element(0x06, Buffer.from(oidHex, "hex")), ...flag, element(0x04, value));
}

/** A name of one common name (2.5.4.3) as UTF-8. */
function distinguishedName(commonName: string): Buffer {
  const attribute = sequence(
    element(0x06, Buffer.from("550403", "hex")),
    element(0x0c, Buffer.from(commonName, "utf8")),
  );
  return sequence(element(0x31, attribute));
}

/** GeneralizedTime, seconds, UTC. */
function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/gu, "");
  return element(0x18, Buffer.from(digits, "latin1"));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  return element(tag, content);
}

function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < SHORT_LENGTH_MAX) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, "0"), "hex");
  return Buffer.concat([Buffer.from([tag, SHORT_LENGTH_MAX | bytes.length]), bytes, content]);
}

function pem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/gu) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function privatePem(key: KeyObject): string {
  return createPrivateKey(key.export({ type: "pkcs8", format: "pem" }))
    .export({ type: "pkcs8", format: "pem" })
    .toString();
}
