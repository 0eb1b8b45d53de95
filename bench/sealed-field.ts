// What a sealed field costs: sealing and opening 22 bytes bound to four names, in microseconds of the processor's time, beside
// node:crypto alone (a cached key, a random nonce, no derivation, no commitment) and the AWS Encryption SDK (raw AES keyring,
// cached, committing, unsigned), in one run and in turn.
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from "node:crypto";
import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  getLocalCryptographicMaterialsCache,
  NodeCachingMaterialsManager,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from "@aws-crypto/client-node";
import { openEnvelope, sealEnvelope } from "@holdfast/vault";
import type { Figure } from "./row-level-security.ts";

export const name = "a sealed field";

const ROUNDS = 12;
const OPERATIONS = 2_000;
/** The SDK is so much slower that fewer say as much. */
const SDK_OPERATIONS = 100;
const FIELD_US_MAX = 30;

const plain = Buffer.from("ada.lovelace@example.x");
const context = { schema: "public", table: "notes", column: "body", row: "6f9619ff-8b86-4011-b42d-00c04fc964ff" };

interface Way {
  readonly name: string;
  readonly operations: number;
  readonly seal: () => Promise<Uint8Array> | Uint8Array;
  readonly open: (sealed: Uint8Array) => Promise<Uint8Array> | Uint8Array;
}

export async function run(report: (line: string) => void): Promise<readonly Figure[]> {
  const ways = [ours(), nodeAlone(), await awsEncryptionSdk()];
  const taken = new Map(ways.map((way) => [way.name, { seal: [] as number[], open: [] as number[] }]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const way of ways) {
      const sealed = await way.seal();
      const own = taken.get(way.name) as { seal: number[]; open: number[] };
      own.seal.push(await microseconds(way.operations, way.seal));
      own.open.push(await microseconds(way.operations, () => way.open(sealed)));
    }
  }
  const median = (way: string, what: "seal" | "open"): number => middle(taken.get(way)?.[what] ?? []);
  for (const { name: way, seal } of ways) {
    const bytes = (await seal()).length;
    report(
      `${way}: sealing ${median(way, "seal").toFixed(1)} µs, opening ${median(way, "open").toFixed(1)} µs, ${bytes} bytes`,
    );
  }
  const [sealing, opening] = [median("ours", "seal"), median("ours", "open")];
  const beside = (way: string): number => median(way, "seal") / sealing;
  return [
    { figure: "sealing a field, µs", value: sealing, goal: `≤ ${FIELD_US_MAX}`, met: sealing <= FIELD_US_MAX },
    { figure: "opening a field, µs", value: opening, goal: `≤ ${FIELD_US_MAX}`, met: opening <= FIELD_US_MAX },
    {
      figure: "sealing, node:crypto alone / ours",
      value: beside("node:crypto alone"),
      goal: "> 0.1",
      met: beside("node:crypto alone") > 0.1,
    },
    {
      figure: "sealing, AWS Encryption SDK / ours",
      value: beside("AWS Encryption SDK"),
      goal: "> 3",
      met: beside("AWS Encryption SDK") > 3,
    },
  ];
}

function ours(): Way {
  const key = { idBytes: randomBytes(20), key: createSecretKey(randomBytes(32)) };
  return {
    name: "ours",
    operations: OPERATIONS,
    seal: () => sealEnvelope(key, context, plain),
    open: (sealed) => required(openEnvelope(key, context, sealed)),
  };
}

function nodeAlone(): Way {
  const key = createSecretKey(randomBytes(32));
  const aad = Buffer.from(JSON.stringify(context));
  return {
    name: "node:crypto alone",
    operations: OPERATIONS,
    seal: () => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(aad);
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open: (sealed) => {
      const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12), { authTagLength: 16 });
      decipher.setAAD(aad).setAuthTag(sealed.subarray(-16));
      return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
    },
  };
}

async function awsEncryptionSdk(): Promise<Way> {
  const client = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const keyring = new RawAesKeyringNode({
    keyName: "bench",
    keyNamespace: "holdfast",
    unencryptedMasterKey: new Uint8Array(randomBytes(32)),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
  const manager = new NodeCachingMaterialsManager({
    backingMaterials: keyring,
    cache: getLocalCryptographicMaterialsCache(100),
    maxAge: 600_000,
    maxMessagesEncrypted: 1_000_000,
  });
  const suiteId = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
  return {
    name: "AWS Encryption SDK",
    operations: SDK_OPERATIONS,
    seal: async () => (await client.encrypt(manager, plain, { encryptionContext: context, suiteId })).result,
    open: async (sealed) => (await client.decrypt(manager, sealed)).plaintext,
  };
}

/** Of the processor's time, whatever else the machine is busy with. */
async function microseconds(operations: number, operation: () => unknown): Promise<number> {
  const begun = process.cpuUsage();
  for (let count = 0; count < operations; count += 1) {
    const result = operation();
    if (result instanceof Promise) await result;
  }
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / operations;
}

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function required(value: Buffer | undefined): Buffer {
  if (value === undefined) throw new Error("a sealed field does not open");
  return value;
}
