// What we prove to a provider that we are its client with. Most give a secret; Apple wants a token that is signed with a key of
// ours and lives for months at most: it is made here, and made anew before it runs out.
import type { ProviderPolicy } from "@holdfast/policy";
import { importPKCS8, SignJWT } from "jose";
import { type ClientAuth, ClientSecretPost } from "openid-client";

const algorithm = "ES256";
// Apple allows six months. Nobody but Apple ever gets one, so that an hour is plenty.
const lifetimeSeconds = 3600;
const renewedBeforeSeconds = 300;
const millisecondsPerSecond = 1000;

/** The client secret as it is to be sent now. @throws Error when the private key is none; the message holds nothing of it */
export function clientSecret(
  { clientId, signedSecret }: ProviderPolicy,
  audience: string,
  secretOf: () => Promise<string>,
  now: () => number,
): () => Promise<string> {
  if (signedSecret === null) return secretOf;
  let made = { secret: "", privateKey: "", endsAt: 0 };
  return async () => {
    const seconds = Math.floor(now() / millisecondsPerSecond);
    const privateKey = await secretOf();
    if (privateKey === made.privateKey && seconds < made.endsAt - renewedBeforeSeconds) return made.secret;
    const key = await importPKCS8(privateKey, algorithm).catch(() => {
      throw new Error("The secret of a provider with teamId and keyId must be its private key as PKCS #8 PEM.");
    });
    const endsAt = seconds + lifetimeSeconds;
    const secret = await new SignJWT()
      .setProtectedHeader({ alg: algorithm, kid: signedSecret.keyId })
      .setIssuer(signedSecret.teamId)
      .setSubject(clientId)
      .setAudience(audience)
      .setIssuedAt(seconds)
      .setExpirationTime(endsAt)
      .sign(key);
    made = { secret, privateKey, endsAt };
    return secret;
  };
}

export interface SecretAuthentication {
  /** Asks for the secret once more. */
  renew(): Promise<void>;
  /** As openid-client calls it, with the secret that was asked for last. */
  readonly authenticate: ClientAuth;
}

export function secretAuthentication(secret: () => Promise<string>): SecretAuthentication {
  let authenticate: ClientAuth | undefined;
  return {
    async renew() {
      authenticate = ClientSecretPost(await secret());
    },
    authenticate(...request) {
      if (authenticate === undefined) throw new Error("renew() comes first");
      authenticate(...request);
    },
  };
}
