// A passkey in software, and the browser around it, with every lie that either could tell (W3C WebAuthn Level 3 §5.8.1, §6.1).
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** How an answer differs from an honest one. */
export interface Lies {
  readonly origin?: string;
  readonly relyingParty?: string;
  readonly userVerified?: boolean;
  readonly signCount?: number;
}

/** What the server asks of it, in the JSON that browsers take. */
export interface CeremonyOptions {
  readonly challenge: string;
  readonly user?: { readonly id: string };
}

const USER_PRESENT = 1;
const USER_VERIFIED = 4;
const ATTESTED = 64;
const CREDENTIAL_ID_BYTES = 32;
const NO_MODEL = Buffer.alloc(16);

const sha256 = (data: string | Buffer): Buffer => createHash("sha256").update(data).digest();
const base64url = (data: string | Buffer): string => Buffer.from(data).toString("base64url");

/** CBOR (RFC 8949 §3.1) of a byte string of 24 to 65535 bytes, and of a short text. */
const cborBytes = (data: Buffer) =>
  Buffer.concat([
    data.length < 256 ? Buffer.from([0x58, data.length]) : Buffer.from([0x59, data.length >> 8, data.length & 255]),
    data,
  ]);
const cborText = (text: string) => Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)]);

/** COSE_Key (RFC 9053 §7.1): kty EC2, alg ES256, crv P-256, x, y. */
function coseKey(publicKey: KeyObject): Buffer {
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const part = (label: number, text: string) =>
    Buffer.concat([Buffer.from([label]), cborBytes(Buffer.from(text, "base64url"))]);
  return Buffer.concat([Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01]), part(0x21, x), part(0x22, y)]);
}

export class SoftwareAuthenticator {
  readonly #origin: string;
  readonly #counts: boolean;
  readonly #id = randomBytes(CREDENTIAL_ID_BYTES);
  readonly #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  #userHandle = "";
  #signCount = 0;

  /** Without a counter (`counts` false) nothing but the challenge tells one answer from another, as with synced passkeys. */
  constructor(origin: string, counts: boolean) {
    this.#origin = origin;
    this.#counts = counts;
  }

  /** A new credential, as JSON. */
  create(options: CeremonyOptions, lies: Lies = {}): object {
    this.#userHandle = options.user?.id ?? "";
    const length = Buffer.from([0, this.#id.length]);
    const attested = Buffer.concat([NO_MODEL, length, this.#id, coseKey(this.#keys.publicKey)]);
    const authData = Buffer.concat([this.#authenticatorData(ATTESTED, lies), attested]);
    const attestationObject = Buffer.concat([
      Buffer.from([0xa3]),
      cborText("fmt"),
      cborText("none"),
      cborText("attStmt"),
      Buffer.from([0xa0]),
      cborText("authData"),
      cborBytes(authData),
    ]);
    const clientDataJSON = this.#clientData("webauthn.create", options.challenge, lies);
    return this.#credential({ clientDataJSON, attestationObject: base64url(attestationObject) });
  }

  /** An answer of the credential, as JSON. */
  get(options: CeremonyOptions, lies: Lies = {}): object {
    const authenticatorData = this.#authenticatorData(0, lies);
    const clientDataJSON = this.#clientData("webauthn.get", options.challenge, lies);
    const signed = Buffer.concat([authenticatorData, sha256(Buffer.from(clientDataJSON, "base64url"))]);
    return this.#credential({
      clientDataJSON,
      authenticatorData: base64url(authenticatorData),
      signature: base64url(sign("sha256", signed, this.#keys.privateKey)),
      userHandle: this.#userHandle,
    });
  }

  #credential(response: object): object {
    const id = base64url(this.#id);
    return { id, rawId: id, type: "public-key", clientExtensionResults: {}, response };
  }

  #authenticatorData(more: number, { relyingParty, userVerified = true, signCount }: Lies): Buffer {
    if (this.#counts) this.#signCount += 1;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(signCount ?? this.#signCount);
    const flags = Buffer.from([USER_PRESENT | (userVerified ? USER_VERIFIED : 0) | more]);
    return Buffer.concat([sha256(relyingParty ?? new URL(this.#origin).hostname), flags, counter]);
  }

  #clientData(type: string, challenge: string, { origin }: Lies): string {
    return base64url(JSON.stringify({ type, challenge, origin: origin ?? this.#origin, crossOrigin: false }));
  }
}
