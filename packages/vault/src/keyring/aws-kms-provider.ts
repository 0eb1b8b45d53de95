// AWS KMS guards the keyring: wrapping keys never leave the service, each wrapping is bound to its context (the service's
// EncryptionContext, which CloudTrail shows), and whoever has the vault's folder without the right to the key has nothing.
// The client is 25 MB of packages that only such a deployment needs: an optional peer, loaded when it is asked for.
import type { KMSClient } from "@aws-sdk/client-kms";
import { VaultError } from "../error.ts";
import type { KeyProvider } from "./key-provider.ts";

export interface AwsKmsOptions {
  /** ARN of a symmetric key for encryption; the region is read from it. */
  readonly keyArn: string;
  /** Another address of the service; only for tests. */
  readonly endpoint?: string;
}

const ARN = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:key\/[A-Za-z0-9-]+$/;
const ATTEMPTS_MAX = 3;

/** Credentials come as the AWS SDK finds them: environment, profile, or the role of the machine. @throws VaultError */
export async function awsKmsProvider({ keyArn, endpoint }: AwsKmsOptions): Promise<KeyProvider> {
  const region = ARN.exec(keyArn)?.[1];
  if (region === undefined) throw unavailable("the ARN of a key in AWS KMS", JSON.stringify(keyArn).slice(0, 120));
  const kms = await import("@aws-sdk/client-kms").catch((cause: unknown) => {
    throw unavailable("the package @aws-sdk/client-kms", "that it is not installed", cause);
  });
  const client: KMSClient = new kms.KMSClient({
    region,
    maxAttempts: ATTEMPTS_MAX,
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  const answered = async <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((cause: unknown) => {
      const { name } = cause as Error;
      if (name === "InvalidCiphertextException" || name === "IncorrectKeyException") throw damaged(name, cause);
      throw unavailable(`AWS KMS to use ${keyArn}`, name, cause);
    });
  return {
    kind: "aws-kms",
    guardedBy: keyArn,
    async wrap(key, context) {
      const command = new kms.EncryptCommand({ KeyId: keyArn, Plaintext: key, EncryptionContext: { ...context } });
      const { CiphertextBlob } = await answered(client.send(command));
      return Buffer.from(CiphertextBlob as Uint8Array);
    },
    async unwrap(wrapped, context) {
      const command = new kms.DecryptCommand({
        KeyId: keyArn,
        CiphertextBlob: wrapped,
        EncryptionContext: { ...context },
      });
      const { Plaintext } = await answered(client.send(command));
      return Buffer.from(Plaintext as Uint8Array);
    },
  };
}

const unavailable = (expected: string, found: string, cause?: unknown): VaultError =>
  new VaultError("vault/provider-unavailable", {
    expected,
    found,
    hint: "Nothing was changed. Install the package, and check the key's ARN, its policy and this machine's credentials.",
    cause,
  });

const damaged = (found: string, cause: unknown): VaultError =>
  new VaultError("vault/key-damaged", {
    expected: "a key as AWS KMS wrapped it, for this scope and version",
    found,
    hint: "Restore the keyring from a backup; nothing was changed.",
    cause,
  });
