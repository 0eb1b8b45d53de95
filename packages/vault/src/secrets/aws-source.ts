// AWS Secrets Manager, by two calls of its JSON protocol. Credentials are those of the environment; roles of a machine or a pod are
// left to whoever puts them there.
import { VaultError } from "../error.ts";
import { type AwsCredentials, signAwsRequest } from "./aws-signature.ts";
import { type FoundSecret, SECRET_VALUE_BYTES_MAX, type SecretSource } from "./secret-source.ts";

export interface AwsOptions {
  /** `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_ENDPOINT_URL_SECRETS_MANAGER`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const SERVICE = "secretsmanager";
const TIMEOUT_MS = 5_000;
const ANSWER_BYTES_MAX = 2 * SECRET_VALUE_BYTES_MAX;
const MS_PER_SECOND = 1000;

interface Answer {
  readonly SecretString?: unknown;
  /** Seconds since 1970. */
  readonly CreatedDate?: unknown;
  readonly __type?: unknown;
}

export function awsSource({ environment, now }: AwsOptions): SecretSource {
  async function call(action: string, body: object): Promise<Answer | undefined> {
    const { url, region, credentials } = placeOf(environment);
    const text = JSON.stringify(body);
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": `secretsmanager.${action}` };
    const signed = signAwsRequest({ url, region, service: SERVICE, headers, body: text, at: now() }, credentials);
    const { host: _host, ...sent } = signed;
    const answer = await fetch(url, {
      method: "POST",
      headers: sent,
      body: text,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: unknown) => {
      throw unavailable(url.host, "no answer", cause);
    });
    const found = await readAnswer(answer, url.host);
    if (answer.ok) return found;
    const kind = String(found.__type).split("#").at(-1) ?? "";
    if (kind === "ResourceNotFoundException") return undefined;
    throw unavailable(url.host, `${answer.status} ${/^[A-Za-z]{1,64}$/.test(kind) ? kind : ""}`.trim());
  }
  return {
    async read(at): Promise<FoundSecret | undefined> {
      const found = await call("GetSecretValue", { SecretId: at });
      if (found === undefined) return undefined;
      const { SecretString: value, CreatedDate: created } = found;
      if (typeof value !== "string" || value === "") throw unavailable(at, "a secret without text");
      return { value, changedAt: typeof created === "number" ? created * MS_PER_SECOND : null };
    },
    async write(at, value) {
      const done = await call("PutSecretValue", { SecretId: at, SecretString: value });
      if (done === undefined) throw unavailable(at, "no secret of that name");
    },
  };
}

async function readAnswer(answer: Response, host: string): Promise<Answer> {
  const text = await answer.text().catch((cause: unknown) => {
    throw unavailable(host, "half an answer", cause);
  });
  if (text.length > ANSWER_BYTES_MAX) throw unavailable(host, `more than ${ANSWER_BYTES_MAX} characters`);
  try {
    return JSON.parse(text) as Answer;
  } catch {
    // The parser's message would quote the answer.
    throw unavailable(host, `${answer.status} and no JSON`);
  }
}

function placeOf(environment: AwsOptions["environment"]): { url: URL; region: string; credentials: AwsCredentials } {
  const region = environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? "";
  const [accessKeyId = "", secretAccessKey = ""] = [
    environment["AWS_ACCESS_KEY_ID"],
    environment["AWS_SECRET_ACCESS_KEY"],
  ];
  if (!/^[a-z0-9-]{1,32}$/.test(region) || accessKeyId === "" || secretAccessKey === "") {
    throw unavailable("AWS", "no AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  }
  const url = URL.parse(
    environment["AWS_ENDPOINT_URL_SECRETS_MANAGER"] ?? `https://${SERVICE}.${region}.amazonaws.com/`,
  );
  const isLoopback = url !== null && /^(?:localhost|127\.0\.0\.1)$/.test(url.hostname);
  if (url === null || (url.protocol !== "https:" && !isLoopback)) {
    throw unavailable("AWS", "an AWS_ENDPOINT_URL_SECRETS_MANAGER that is not https");
  }
  return { url, region, credentials: { accessKeyId, secretAccessKey, sessionToken: environment["AWS_SESSION_TOKEN"] } };
}

const unavailable = (at: string, found: string, cause?: unknown): VaultError =>
  new VaultError("vault/secret-unavailable", {
    expected: `an answer of AWS Secrets Manager about ${at}`,
    found,
    hint: "Check region, credentials and permissions (secretsmanager:GetSecretValue), and the network.",
    cause,
  });
