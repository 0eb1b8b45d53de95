// AWS Signature Version 4 for one POST to one service, as far as a JSON protocol needs it (AWS General Reference, "Create a signed
// AWS API request").
import { createHash, createHmac } from "node:crypto";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of credentials that end by themselves. */
  readonly sessionToken?: string | undefined;
}

export interface AwsRequest {
  readonly url: URL;
  readonly region: string;
  readonly service: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const TERMINATOR = "aws4_request";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: Buffer | string, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** The header fields of the request with its signature. */
export function signAwsRequest(request: AwsRequest, credentials: AwsCredentials): Readonly<Record<string, string>> {
  const { url, region, service, body } = request;
  const moment = `${new Date(request.at).toISOString().replace(/[-:]|\.\d{3}/g, "")}`;
  const day = moment.slice(0, 8);
  const token = credentials.sessionToken === undefined ? {} : { "x-amz-security-token": credentials.sessionToken };
  const headers: Record<string, string> = { ...request.headers, host: url.host, "x-amz-date": moment, ...token };
  const names = Object.keys(headers)
    .map((name) => name.toLowerCase())
    .toSorted();
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.trim()]));
  const canonical = [
    "POST",
    url.pathname,
    "",
    ...names.map((name) => `${name}:${lower[name]}`),
    "",
    names.join(";"),
    sha256(body),
  ].join("\n");
  const scope = [day, region, service, TERMINATOR].join("/");
  const toSign = [ALGORITHM, moment, scope, sha256(canonical)].join("\n");
  const key = [day, region, service, TERMINATOR].reduce<Buffer | string>(
    (from, part) => hmac(from, part),
    `AWS4${credentials.secretAccessKey}`,
  );
  const signature = hmac(key as Buffer, toSign).toString("hex");
  const authorization = `${ALGORITHM} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return { ...headers, authorization };
}
