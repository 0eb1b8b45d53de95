// An authenticator in software: what a browser and a security key together answer to a ceremony (W3C WebAuthn Level 3 §6), and
// every way in which they could lie.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { encodeCbor } from "./cbor.ts";

/** Options of a ceremony as the server sends them. */
export interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id?: string };
  readonly user: { readonly id: string };
}

export interface AssertionOptions {
  readonly challenge: string;
  readonly rpId?: string;
  readonly allowCredentials?: readonly { readonly id: string }[];
}

/** How an answer differs from an honest one. */
export interface Lies {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly challenge?: string;
  readonly crossOrigin?: boolean;
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  readonly signCount?: number;
  /** Instead of the handle the credential was made for. */
  readonly userHandle?: string;
  readonly credentialId?: Buffer;
  /** Instead of a signature of the credential's key. */
  readonly signature?: Buffer;
  readonly format?: string;
}

interface Kept {
  readonly id: Buffer;
  readonly privateKey: KeyObject;
  readonly userHandle: string;
  signCount: number;
}

const credentialIdBytes = 32;
const flags = { present: 1, verified: 4, backupEligible: 8, backedUp: 16, attested: 64 };
const noModel = Buffer.alloc(16);

const sha256 = (data: string | Buffer): Buffer => createHash("sha256").update(data).digest();
const base64url = (data: string | Buffer): string => Buffer.from(data).toString("base64url");

function coseKey(publicKey: KeyObject): Buffer {
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const part = (text: string) => Buffer.from(text, "base64url");
  // kty EC2, alg ES256, crv P-256 (RFC 9053 §7.1).
  return encodeCbor(
    new Map<number, number | Buffer>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, part(x)],
      [-3, part(y)],
    ]),
  );
}

export class SoftwareAuthenticator {
  readonly #origin: string;
  readonly #counts: boolean;
  readonly #kept: Kept[] = [];

  /** `counts`: whether it has a signature counter; synced passkeys have none. */
  constructor(origin: string, { counts = true }: { readonly counts?: boolean } = {}) {
    this.#origin = origin;
    this.#counts = counts;
  }

  /** `navigator.credentials.create()`, as JSON. */
  create(options: CreationOptions, lies: Lies = {}) {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const id = lies.credentialId ?? randomBytes(credentialIdBytes);
    const kept: Kept = { id, privateKey, userHandle: options.user.id, signCount: 0 };
    this.#kept.push(kept);
    const length = Buffer.from([id.length >> 8, id.length & 255]);
    const attested = Buffer.concat([noModel, length, id, coseKey(publicKey)]);
    const authData = Buffer.concat([this.#authenticatorData(kept, options.rp.id, lies, flags.attested), attested]);
    const attestation = new Map<string, string | Buffer | Map<string, Buffer>>([
      ["fmt", lies.format ?? "none"],
      ["attStmt", new Map()],
      ["authData", authData],
    ]);
    return {
      ...this.#named(kept),
      response: {
        clientDataJSON: this.#clientData("webauthn.create", options.challenge, lies),
        attestationObject: base64url(encodeCbor(attestation)),
        transports: ["internal"],
      },
    };
  }

  /** `navigator.credentials.get()`, as JSON: with the credential that is asked for, otherwise with the newest. */
  get(options: AssertionOptions, lies: Lies = {}) {
    const allowed = options.allowCredentials ?? [];
    const asked = this.#kept.filter(({ id }) => allowed.some((one) => one.id === base64url(id)));
    const kept = asked.at(-1) ?? this.#kept.at(-1);
    if (kept === undefined) throw new Error("The authenticator has no credential.");
    const authenticatorData = this.#authenticatorData(kept, options.rpId, lies, 0);
    const clientDataJSON = this.#clientData("webauthn.get", options.challenge, lies);
    const signed = Buffer.concat([authenticatorData, sha256(Buffer.from(clientDataJSON, "base64url"))]);
    return {
      ...this.#named(kept),
      response: {
        clientDataJSON,
        authenticatorData: base64url(authenticatorData),
        signature: base64url(lies.signature ?? sign("sha256", signed, kept.privateKey)),
        userHandle: lies.userHandle ?? kept.userHandle,
      },
    };
  }

  #named({ id }: Kept) {
    return {
      id: base64url(id),
      rawId: base64url(id),
      type: "public-key",
      authenticatorAttachment: "platform",
      clientExtensionResults: {},
    } as const;
  }

  #authenticatorData(kept: Kept, rpId: string | undefined, lies: Lies, more: number): Buffer {
    const { userPresent = true, userVerified = true } = lies;
    const synced = this.#counts ? 0 : flags.backupEligible | flags.backedUp;
    const given = (userPresent ? flags.present : 0) | (userVerified ? flags.verified : 0) | synced | more;
    if (this.#counts) kept.signCount += 1;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(lies.signCount ?? kept.signCount);
    return Buffer.concat([sha256(lies.rpId ?? rpId ?? new URL(this.#origin).hostname), Buffer.from([given]), counter]);
  }

  #clientData(type: string, challenge: string, lies: Lies): string {
    return base64url(
      JSON.stringify({
        type: lies.type ?? type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? this.#origin,
        crossOrigin: lies.crossOrigin ?? false,
      }),
    );
  }
}
