// The public keys of a hosted Supabase project, read over HTTPS and kept as long as it says. While they cannot be read anew they are
// believed until that time has passed, and then nobody is: who is signed in cannot be told without them.
import type { EmitEvent } from "@holdfast/policy";
import type { JWK } from "jose";

export interface RemoteKeysOptions {
  /** The project's origin, as the policy names it. */
  readonly url: string;
  readonly now: () => number;
  readonly emit: EmitEvent;
}

export interface RemoteKeys {
  /** The keys as they were read last, each marked: it signs for persons only. */
  current(): readonly JWK[];
  /** Reads anew where `kid` is unknown, unless that was done moments ago. */
  withKey(kid: string): Promise<readonly JWK[]>;
  /** False before the keys were first read, and once what was read is too old. */
  areKnown(): boolean;
  /** Changes with the keys. */
  version(): number;
  /** Reads anew, unless that was done moments ago. Never throws: a failure is an event. */
  refresh(): Promise<void>;
  /** Keeps the keys fresh by itself until `stop`. */
  watch(): void;
  stop(): void;
}

const secondMs = 1000;
/** How long keys are kept where the project says nothing of use, and the bounds of what it may say. */
const ageUsualMs = 600 * secondMs;
const ageMs = { min: 60 * secondMs, max: 3600 * secondMs };
/** Between two readings, whatever ids somebody sends. */
const floorMs = 10 * secondMs;
const lookEveryMs = 5 * secondMs;
const timeoutMs = 3 * secondMs;
const bytesMax = 65_536;
const keysMax = 12;
const modulusBytesMin = 256;

export function createRemoteKeys({ url, now, emit }: RemoteKeysOptions): RemoteKeys {
  const address = `${url}/auth/v1/.well-known/jwks.json`;
  let keys: readonly JWK[] = [];
  let version = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  let lifetimeMs = ageUsualMs;
  let askedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  async function read(): Promise<void> {
    try {
      const answer = await fetchKeys(address);
      if (JSON.stringify(answer.keys) !== JSON.stringify(keys)) version += 1;
      ({ keys, lifetimeMs } = answer);
      readAt = now();
    } catch (error) {
      // What was read before counts until its time has passed; then `areKnown` says no.
      const reason = `hosted-keys: ${(error as Error).name}`;
      emit({ name: "api.error", at: now(), service: "identity", reason });
    }
  }

  const refresh = async (): Promise<void> => {
    if (reading === null && Math.abs(now() - askedAt) >= floorMs) {
      askedAt = now();
      reading = read().finally(() => {
        reading = null;
      });
    }
    await reading;
  };
  const age = (): number => Math.abs(now() - readAt);

  return {
    current: () => keys,
    withKey: async (kid) => {
      if (!keys.some((key) => key.kid === kid)) await refresh();
      return keys;
    },
    areKnown: () => age() < lifetimeMs,
    version: () => version,
    refresh,
    watch: () => {
      timer = setInterval(() => {
        if (age() >= lifetimeMs / 2) void refresh();
      }, lookEveryMs).unref();
    },
    stop: () => clearInterval(timer),
  };
}

interface Fetched {
  readonly keys: readonly JWK[];
  readonly lifetimeMs: number;
}

async function fetchKeys(address: string): Promise<Fetched> {
  const response = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
  if (response.status !== 200 || response.body === null) throw new Error(`status ${response.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) throw new Error("too much");
    chunks.push(chunk);
  }
  const set = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { readonly keys?: unknown };
  if (!Array.isArray(set.keys)) throw new Error("no keys");
  const keys = set.keys.slice(0, keysMax).flatMap(trusted);
  if (keys.length === 0) throw new Error("no key of a kind that is accepted");
  return { keys, lifetimeMs: lifetimeOf(response.headers.get("cache-control")) };
}

/** A public signing key of an asymmetric algorithm, reduced to what verifies; nothing for any other. */
function trusted(given: unknown): readonly JWK[] {
  if (typeof given !== "object" || given === null) return [];
  const { kid, kty, crv, x, y, n, e, alg, use = "sig" } = given as JWK;
  if (typeof kid !== "string" || kid === "" || use !== "sig") return [];
  const mark = { kid, use, holdfast_subject: "person" };
  if (
    kty === "EC" &&
    crv === "P-256" &&
    (alg ?? "ES256") === "ES256" &&
    typeof x === "string" &&
    typeof y === "string"
  ) {
    return [{ ...mark, kty, crv, x, y, alg: "ES256" }];
  }
  const isRsa = kty === "RSA" && alg === "RS256" && typeof n === "string" && typeof e === "string";
  // RFC 7518 §3.3: 2048 bits or more.
  if (!isRsa || Buffer.from(n, "base64url").length < modulusBytesMin) return [];
  return [{ ...mark, kty, n, e, alg }];
}

/** RFC 9111 §5.2.2.1, within bounds. */
function lifetimeOf(cacheControl: string | null): number {
  if (cacheControl === null) return ageUsualMs;
  if (/\bno-(?:store|cache)\b/i.test(cacheControl)) return ageMs.min;
  const seconds = /\bmax-age=(\d{1,9})\b/i.exec(cacheControl)?.[1];
  return seconds === undefined ? ageUsualMs : Math.min(ageMs.max, Math.max(ageMs.min, Number(seconds) * secondMs));
}
