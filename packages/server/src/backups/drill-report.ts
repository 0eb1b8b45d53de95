// What a restore drill found, as a statement that is signed: whoever has the public key can check it without asking us.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { canonicalJson } from "@holdfast/policy";
import type { Vault } from "@holdfast/vault";
import type { DrillReport, SignedDrill } from "./backup-status.ts";

export interface DrillSigner {
  /** The public key, SPKI in PEM. */
  readonly publicKeyPem: string;
  sign(report: DrillReport): SignedDrill;
  /** The report when it is genuine. */
  open(signed: SignedDrill): DrillReport | undefined;
}

const KEY_NAME = "backup-drill-signing-key";

/** The deployment's key for drills; made the first time. */
export async function openDrillSigner(vault: Pick<Vault, "secret">): Promise<DrillSigner> {
  const pem = await vault.secret(KEY_NAME, () =>
    generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  );
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const key = fingerprint(publicKey);
  return {
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    sign(report) {
      const text = canonicalJson({ ...report });
      return { report: text, signature: sign(null, Buffer.from(text), privateKey).toString("base64"), key };
    },
    open({ report, signature, key: signedWith }) {
      if (typeof report !== "string" || typeof signature !== "string" || signedWith !== key) return undefined;
      const isGenuine = verify(null, Buffer.from(report), publicKey, Buffer.from(signature, "base64"));
      return isGenuine ? (JSON.parse(report) as DrillReport) : undefined;
    },
  };
}

const fingerprint = (publicKey: KeyObject): string =>
  createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");

/** What an event tells of it. */
export function drillDetail(report: DrillReport, signature: string): Readonly<Record<string, string | number>> {
  const broken = report.steps.find(({ result }) => result === "broken");
  return {
    drill: report.id,
    signature,
    ...(report.recoveryPointMs === null ? {} : { recoveryPointMs: report.recoveryPointMs }),
    ...(report.recoveryTimeMs === null ? {} : { recoveryTimeMs: report.recoveryTimeMs }),
    ...(broken === undefined ? {} : { seen: broken.seen.slice(0, 200) }),
  };
}
