// A site's built files, read once at boot. Only what was listed then can be asked for, so there is no path to traverse.
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join, posix } from "node:path";
import { GatewayError } from "./error.ts";

export interface Asset {
  /** Path below the site's mount, beginning with a slash. */
  readonly path: string;
  readonly contentType: string;
  readonly bytes: Buffer;
  readonly etag: string;
  /** The name holds a hash of the content, so the content behind the name never changes. */
  readonly isHashed: boolean;
}

export interface Site {
  /** index.html split at the nonce's placeholder: n + 1 parts for n places. */
  readonly page: readonly string[];
  readonly assets: readonly Asset[];
}

/** What the build writes where the nonce belongs (Vite: `html.cspNonce`). */
export const NONCE_PLACEHOLDER = "__CSP_NONCE__";

const SITE_BYTES_MAX = 64 * 1024 * 1024;
const SITE_FILES_MAX = 2_000;
const SITE_DEPTH_MAX = 8;
const PAGE_FILE = "index.html";
/** Vite puts a hash into every name below assets/. */
const HASHED_NAME = /^\/assets\/.*-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;
const SERVABLE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._~-]*$/;

/** What may be served, and as what; a file of any other kind (source maps among them) is not served. */
const contentTypes: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".avif": "image/avif",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".woff": "font/woff",
  ".txt": "text/plain; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".wasm": "application/wasm",
};

/** Reads a site. Throws GatewayError `gateway/site-unreadable`. */
export async function readSite(name: string, directory: string): Promise<Site> {
  try {
    const page = await readFile(join(directory, PAGE_FILE), "utf8");
    const assets: Asset[] = [];
    await collect(directory, "/", 0, { assets, bytes: 0 });
    return Object.freeze({ page: Object.freeze(page.split(NONCE_PLACEHOLDER)), assets: Object.freeze(assets) });
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw unreadable(`The files of site "${name}" cannot be read.`, cause);
  }
}

const unreadable = (message: string, cause?: unknown): GatewayError =>
  new GatewayError(
    "gateway/site-unreadable",
    message,
    "Build the site first; its folder must hold an index.html.",
    cause,
  );

async function collect(
  directory: string,
  below: string,
  depth: number,
  found: { assets: Asset[]; bytes: number },
): Promise<void> {
  if (depth > SITE_DEPTH_MAX) throw unreadable(`A site's folders may nest ${SITE_DEPTH_MAX} deep.`);
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!SERVABLE_NAME.test(entry.name)) continue;
    const path = posix.join(below, entry.name);
    // A symbolic link is neither: it could lead out of the folder.
    if (entry.isDirectory()) await collect(join(directory, entry.name), path, depth + 1, found);
    else if (entry.isFile() && path !== `/${PAGE_FILE}`) await add(join(directory, entry.name), path, found);
  }
}

async function add(file: string, path: string, found: { assets: Asset[]; bytes: number }): Promise<void> {
  const contentType = contentTypes[extname(path)];
  if (contentType === undefined) return;
  found.bytes += (await stat(file)).size;
  if (found.bytes > SITE_BYTES_MAX || found.assets.length >= SITE_FILES_MAX) {
    throw unreadable(`A site may hold ${SITE_FILES_MAX} files and ${SITE_BYTES_MAX} bytes.`);
  }
  const bytes = await readFile(file);
  const etag = `"${createHash("sha256").update(bytes).digest("base64url")}"`;
  found.assets.push(Object.freeze({ path, contentType, bytes, etag, isHashed: HASHED_NAME.test(path) }));
}
