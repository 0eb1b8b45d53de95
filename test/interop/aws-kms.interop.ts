// The keyring guarded by AWS KMS, against moto: what the service is asked, and what it refuses.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateKeyCommand, DecryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { awsKmsProvider, type KeyProvider, openVault } from "@holdfast/vault";
import { afterAll, beforeAll, expect, test } from "vitest";

const endpoint = process.env["HOLDFAST_TEST_KMS"] ?? "";
const notes = { purpose: "field", dataClass: "public.notes.body", subject: "her" } as const;
let client: KMSClient;
let keyArn: string;
let provider: KeyProvider;
let folder: string;

beforeAll(async () => {
  process.env["AWS_ACCESS_KEY_ID"] = "test";
  process.env["AWS_SECRET_ACCESS_KEY"] = "test";
  client = new KMSClient({ region: "eu-central-1", endpoint });
  keyArn = (await client.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? "";
  provider = await awsKmsProvider({ keyArn, endpoint });
  folder = await mkdtemp(join(tmpdir(), "holdfast-kms-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: { code?: string }) => error.code ?? String(error),
  );

test("a vault guarded by KMS has no root key, keeps its secrets, and wraps every key under its context", async () => {
  const directory = join(folder, "vault");
  const vault = await openVault({ directory, provider });
  const secret = await vault.secret("a");
  const sealed = await vault.keyring.seal(notes, { row: "1" }, Buffer.from("text"));
  await vault.close();
  expect((await readdir(directory)).sort()).toEqual(["key-events.jsonl", "keyring", "sealed.json"]);
  const again = await openVault({ directory, provider });
  expect(await again.secret("a")).toBe(secret);
  expect((await again.keyring.open({ row: "1" }, sealed)).toString()).toBe("text");
  expect((await again.keyring.list()).every(({ guardedBy }) => guardedBy === keyArn)).toBe(true);
  // The very context that KMS was given, and no other.
  const { id } = await again.keyring.dataKey(notes);
  const file = join(directory, "keyring", id.slice(0, 16), id.slice(16, 32), "1.json");
  const { wrapped } = JSON.parse(await readFile(file, "utf8"));
  const decrypt = (context: Record<string, string>) =>
    client.send(new DecryptCommand({ CiphertextBlob: Buffer.from(wrapped, "base64url"), EncryptionContext: context }));
  expect((await decrypt({ ...notes, version: "1" })).Plaintext).toHaveLength(32);
  await expect(decrypt({ ...notes, subject: "him", version: "1" })).rejects.toThrow();
});

test("a wrapped key that was changed, or moved to another scope, is refused", async () => {
  const wrapped = await provider.wrap(Buffer.alloc(32, 7), { scope: "one" });
  expect(await provider.unwrap(wrapped, { scope: "one" })).toEqual(Buffer.alloc(32, 7));
  expect(await code(provider.unwrap(wrapped, { scope: "other" }))).toBe("vault/key-damaged");
  const changed = Buffer.from(wrapped);
  changed[changed.length - 1] = (changed.at(-1) as number) ^ 1;
  expect(await code(provider.unwrap(changed, { scope: "one" }))).toMatch(/^vault\/(key-damaged|provider-unavailable)$/);
});

test("a vault of a root key is taken over, and the root key goes", async () => {
  const directory = join(folder, "taken");
  const local = await openVault({ directory });
  const [secret, sealed] = [await local.secret("a"), await local.keyring.seal(notes, {}, Buffer.from("text"))];
  await local.close();
  const guarded = await openVault({ directory, provider });
  expect(await guarded.secret("a")).toBe(secret);
  expect((await guarded.keyring.open({}, sealed)).toString()).toBe("text");
  expect(await readdir(directory)).not.toContain("root.key");
  expect(await code(openVault({ directory }))).toBe("vault/root-key-missing");
});

test("a key that does not exist, a service that does not answer, and what is no ARN are told", async () => {
  const unknown = keyArn.replace(/[^/]+$/, "00000000-0000-4000-8000-000000000000");
  const missing = await awsKmsProvider({ keyArn: unknown, endpoint });
  expect(await code(missing.wrap(Buffer.alloc(32), { scope: "one" }))).toBe("vault/provider-unavailable");
  const silent = await awsKmsProvider({ keyArn, endpoint: "http://127.0.0.1:9" });
  expect(await code(silent.wrap(Buffer.alloc(32), { scope: "one" }))).toBe("vault/provider-unavailable");
  expect(await code(awsKmsProvider({ keyArn: "alias/key" }))).toBe("vault/provider-unavailable");
});
