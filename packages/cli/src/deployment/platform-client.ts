// The command line's own calls of a deployment, with the service key and trusting only the deployment's own authority.
import { request } from "node:https";
import { CliError } from "../cli-error.ts";
import { refusalHint, refusalText } from "./refusal-text.ts";

export interface PlatformAccess {
  readonly origin: string;
  readonly port: number;
  readonly authorityPem: string;
  readonly serviceKey: string;
}

export interface PlatformClient {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  put(path: string, body: unknown): Promise<unknown>;
  delete(path: string): Promise<unknown>;
}

const PLATFORM = "/platform/v1";
const ANSWER_BYTES_MAX = 32 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

/** Calls below `base`; the platform API unless said otherwise. */
export function platformClient(access: PlatformAccess, base = PLATFORM): PlatformClient {
  const call = async <T>(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<T> => {
    const { status, text } = await send(access, method, `${base}${path}`, body);
    if (status < 200 || status > 299) {
      throw new CliError(
        "cli/target-refused",
        `${method} ${base}${path} was expected to succeed; the deployment refused: ${refusalText(status, text)}`,
        refusalHint(text) ?? "is it the deployment of this project, and is it healthy?",
      );
    }
    return JSON.parse(text) as T;
  };
  return {
    get: (path) => call("GET", path),
    post: (path, body) => call("POST", path, body),
    put: (path, body) => call("PUT", path, body),
    delete: (path) => call("DELETE", path),
  };
}

function send(
  access: PlatformAccess,
  method: string,
  path: string,
  body: unknown,
): Promise<{ status: number; text: string }> {
  const { hostname, host } = new URL(access.origin);
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const headers: Record<string, string> = {
    host,
    authorization: `Bearer ${access.serviceKey}`,
    accept: "application/json",
  };
  if (payload !== undefined)
    Object.assign(headers, {
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(payload)),
    });
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: "127.0.0.1",
        port: access.port,
        servername: hostname,
        ca: access.authorityPem,
        method,
        path,
        headers,
        timeout: TIMEOUT_MS,
      },
      (response) => {
        const parts: Buffer[] = [];
        let bytes = 0;
        response.on("data", (part: Buffer) => {
          bytes += part.length;
          if (bytes > ANSWER_BYTES_MAX) response.destroy(new Error("the answer is too large"));
          parts.push(part);
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") }),
        );
        response.on("error", reject);
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in time")));
    outgoing.on("error", (cause) =>
      reject(
        new CliError(
          "cli/not-running",
          `${access.origin} was expected to answer; ${cause.message}`,
          "is the deployment running?",
          cause,
        ),
      ),
    );
    outgoing.end(payload);
  });
}
