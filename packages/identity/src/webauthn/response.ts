// What a browser sends of a WebAuthn ceremony: the JSON of a PublicKeyCredential (W3C WebAuthn Level 3 §5.1).

export interface CreationResponse {
  readonly id: string;
  readonly rawId: string;
  readonly type: string;
  readonly response: {
    readonly clientDataJSON: string;
    readonly attestationObject: string;
    readonly transports?: readonly string[];
  };
}

export interface AssertionResponse {
  readonly id: string;
  readonly rawId: string;
  readonly type: string;
  readonly response: {
    readonly clientDataJSON: string;
    readonly authenticatorData: string;
    readonly signature: string;
    readonly userHandle?: string | null;
  };
}

const base64url = (charactersMax: number) =>
  ({ type: "string", pattern: "^[A-Za-z0-9_-]*$", minLength: 1, maxLength: charactersMax }) as const;

/** 1023 bytes (WebAuthn Level 3 §4). */
const credentialId = base64url(1364);
const clientData = base64url(8192);
/** An attestation that we did not ask for may bring certificates along. */
const attestation = base64url(32_768);
const authenticatorData = base64url(8192);
const signature = base64url(4096);
/** 64 bytes (§5.4.3). */
const userHandle = { type: ["string", "null"], pattern: "^[A-Za-z0-9_-]*$", maxLength: 88 } as const;
const transports = {
  type: "array",
  maxItems: 8,
  items: { type: "string", pattern: "^[a-z-]*$", maxLength: 32 },
} as const;

const credential = (response: object) =>
  ({
    type: "object",
    properties: { id: credentialId, rawId: credentialId, type: { const: "public-key" }, response },
    required: ["id", "rawId", "type", "response"],
  }) as const;

export const creationSchema = credential({
  type: "object",
  properties: { clientDataJSON: clientData, attestationObject: attestation, transports },
  required: ["clientDataJSON", "attestationObject"],
});

export const assertionSchema = credential({
  type: "object",
  properties: { clientDataJSON: clientData, authenticatorData, signature, userHandle },
  required: ["clientDataJSON", "authenticatorData", "signature"],
});

export interface ClientData {
  readonly type: string;
  /** base64url. */
  readonly challenge: string;
  readonly origin: string;
  readonly crossOrigin: boolean;
}

/** What the browser says about the ceremony (§5.8.1), or null when no browser says it like that. */
export function readClientData(encoded: string): ClientData | null {
  try {
    const data: unknown = JSON.parse(Buffer.from(encoded, "base64url").toString("utf8"));
    if (typeof data !== "object" || data === null) return null;
    const { type, challenge, origin, crossOrigin } = data as Readonly<Record<string, unknown>>;
    if (typeof type !== "string" || typeof challenge !== "string" || typeof origin !== "string") return null;
    return { type, challenge, origin, crossOrigin: crossOrigin !== undefined && crossOrigin !== false };
  } catch {
    // No JSON: hostile input, and one refusal for it is enough.
    return null;
  }
}
