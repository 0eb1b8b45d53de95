// Backups in a bucket of anything that speaks S3: whole objects by signed requests, tried again when the network or the service
// fails. With object lock nobody can remove or replace what was stored until its time has passed, not even whoever has our key.
import { createHash, createHmac } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { SignatureV4 } from "@smithy/signature-v4";
import { BackupError } from "../error.ts";
import { type BackupTarget, isObjectName, OBJECT_BYTES_MAX, type StoredObject } from "./backup-target.ts";

export interface S3Options {
  /** `https://s3.eu-central-1.amazonaws.com`, or another service's. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Before every name, such as `content/`; none unless given. */
  readonly prefix?: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** Locks each object for so many days; the bucket must have object lock enabled. */
  readonly objectLock?: { readonly mode: "GOVERNANCE" | "COMPLIANCE"; readonly days: number };
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const TRIES = 4;
const RETRY_MS = 250;
const TIMEOUT_MS = 120_000;
const DAY_MS = 86_400_000;
const PAGES_MAX = 10_000;
const NOT_FOUND = 404;
const SERVER_ERROR = 500;
const TOO_MANY = 429;

interface Asked {
  readonly method: "GET" | "PUT" | "DELETE" | "HEAD";
  readonly name?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** SHA-256 as the signer asks for it. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret as string);
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

/** Opens the bucket; it must exist. @throws BackupError */
export async function openS3Target(options: S3Options): Promise<BackupTarget> {
  const bucket = new Bucket(options);
  await bucket.answer({ method: "GET", query: { "list-type": "2", "max-keys": "1" } });
  return {
    description: `s3://${options.bucket}/${options.prefix ?? ""}`,
    put: (name, content) => bucket.put(name, content),
    get: (name) => bucket.get(name),
    list: (prefix) => bucket.list(prefix),
    remove: (name) => bucket.remove(name),
  };
}

class Bucket {
  readonly #options: S3Options;
  readonly #signer: SignatureV4;

  constructor(options: S3Options) {
    this.#options = options;
    this.#signer = new SignatureV4({
      service: "s3",
      region: options.region,
      credentials: options.credentials,
      sha256: Sha256 as never,
      uriEscapePath: false, // S3 signs the path as it is sent.
    });
  }

  async put(name: string, content: Uint8Array): Promise<void> {
    const { objectLock, now = Date.now } = this.#options;
    const headers: Record<string, string> = {
      "content-md5": createHash("md5").update(content).digest("base64"), // What object lock demands (S3, PutObject).
      ...(objectLock === undefined
        ? {}
        : {
            "x-amz-object-lock-mode": objectLock.mode,
            "x-amz-object-lock-retain-until-date": new Date(now() + objectLock.days * DAY_MS).toISOString(),
          }),
    };
    await this.answer({ method: "PUT", name, headers, body: content });
  }

  async get(name: string): Promise<Buffer | undefined> {
    const response = await this.answer({ method: "GET", name }, [NOT_FOUND]);
    const bytes = Number(response.headers.get("content-length") ?? 0);
    if (bytes > OBJECT_BYTES_MAX) {
      await response.body?.cancel();
      throw new BackupError("backup/target-unusable", {
        expected: `at most ${OBJECT_BYTES_MAX} bytes in ${name}`,
        found: `${bytes} bytes`,
        hint: "Somebody else writes where backups lie: find out who, and use a bucket that only Holdfast may write.",
      });
    }
    const content = Buffer.from(await response.arrayBuffer());
    return response.status === NOT_FOUND ? undefined : content;
  }

  async remove(name: string): Promise<void> {
    await this.answer({ method: "DELETE", name }, [NOT_FOUND]);
  }

  async list(prefix: string): Promise<readonly StoredObject[]> {
    const before = this.#options.prefix ?? "";
    const found: StoredObject[] = [];
    let token: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const query = {
        "list-type": "2",
        prefix: `${before}${prefix}`,
        ...(token === undefined ? {} : { "continuation-token": token }),
      };
      const text = await (await this.answer({ method: "GET", query })).text();
      for (const [, entry = ""] of text.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)) {
        const name = valueOf(entry, "Key").slice(before.length);
        if (isObjectName(name)) found.push({ name, bytes: Number(valueOf(entry, "Size")) });
      }
      token = valueOf(text, "NextContinuationToken");
      if (valueOf(text, "IsTruncated") !== "true" || token === "") break;
    }
    return found.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** The answer to a request, which succeeded or is one of `also`. Failures of the service are tried again. */
  async answer(asked: Asked, also: readonly number[] = []): Promise<Response> {
    let failure: unknown;
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      if (attempt > 0) await wait(RETRY_MS * 2 ** attempt);
      try {
        const response = await this.#send(asked);
        if (response.ok || also.includes(response.status)) return response;
        const reason = valueOf(await response.text(), "Code");
        failure = new Error(`${response.status} ${reason}`.trim());
        if (response.status < SERVER_ERROR && response.status !== TOO_MANY) break;
      } catch (error) {
        failure = error; // The network: tried again.
      }
    }
    throw new BackupError("backup/target-unusable", {
      expected: `to be able to use the bucket ${this.#options.bucket} at ${this.#options.endpoint}`,
      found: (failure as Error).message.slice(0, 200),
      hint: "Check endpoint, region, bucket, the key's rights, and whether the object is locked.",
      cause: failure,
    });
  }

  async #send({ method, name, query = {}, headers = {}, body }: Asked): Promise<Response> {
    if (name !== undefined && !isObjectName(name))
      throw new TypeError(`not the name of an object: ${name.slice(0, 80)}`);
    const { endpoint, bucket, prefix = "" } = this.#options;
    const { protocol, hostname, port, host } = new URL(endpoint);
    const path = `/${bucket}${name === undefined ? "" : `/${prefix}${name}`}`;
    const hash = createHash("sha256")
      .update(body ?? "")
      .digest("hex");
    const signed = await this.#signer.sign(
      {
        method,
        protocol,
        hostname,
        ...(port === "" ? {} : { port: Number(port) }),
        path,
        query,
        headers: { host, ...headers, "x-amz-content-sha256": hash },
        body,
      },
      { signingDate: new Date((this.#options.now ?? Date.now)()) },
    );
    const { host: _, ...sent } = signed.headers; // fetch sets it.
    const search = Object.entries(query)
      .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
      .join("&");
    return fetch(`${protocol}//${host}${path}${search === "" ? "" : `?${search}`}`, {
      method,
      headers: sent,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
    });
  }
}

/** The text of an element; S3's answers are flat and need no parser. */
function valueOf(xml: string, element: string): string {
  const text = new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1] ?? "";
  return text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
