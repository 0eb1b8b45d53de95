// The secrets that somebody gives the deployment: where each is kept, how long a value may be used, how old it may become. Never a
// value: what stands in a policy is read by many.
import { daySeconds, readDuration } from "./measure.ts";
import type { Policy, ProviderPolicy, SecretPolicy } from "./policy.ts";
import { addIssue, below, Found, type Report, readChoice, readObject, readRecord } from "./report.ts";

const secretsMax = 64;
const minuteSeconds = 60;
const hourSeconds = 3_600;
const lease = { minSeconds: 1, maxSeconds: hourSeconds, otherwise: minuteSeconds };
const rotate = { minSeconds: daySeconds, maxSeconds: 366 * daySeconds, otherwise: 90 * daySeconds };

const namePattern = /^[a-z][A-Za-z0-9]{0,62}$/;
const providerPrefix = "provider.";
const sources = ["vault", "environment", "file", "aws"] as const;
const places: Readonly<Record<SecretPolicy["source"], { readonly pattern: RegExp; readonly expected: string }>> = {
  vault: { pattern: /^[a-z][A-Za-z0-9.-]{0,90}$/, expected: "letters, digits, dots and dashes" },
  environment: { pattern: /^[A-Z][A-Z0-9_]{0,127}$/, expected: "the name of a variable, such as SMTP_URL" },
  file: { pattern: /^\/(?:[\w.@:-]+\/)*[\w.@:-]+$/, expected: "an absolute path, such as /run/secrets/smtp-url" },
  aws: { pattern: /^[\w/+=.@:-]{1,512}$/, expected: "a name or ARN of AWS Secrets Manager" },
};

/** By the name under which they are asked for. */
export function readSecrets(
  report: Report,
  value: unknown,
  providers: Readonly<Record<string, ProviderPolicy>>,
): Policy["secrets"] {
  const path = "secrets";
  if (value === undefined) return {};
  const entries = Object.entries(readRecord(report, path, value, "a record of secrets") ?? {});
  if (entries.length > secretsMax)
    addIssue(report, "input/too-many", path, `at most ${secretsMax} secrets`, new Found(`${entries.length}`));
  return Object.fromEntries(
    entries.slice(0, secretsMax).map(([name, declared]) => {
      const place = below(path, name);
      checkName(report, place, name, providers);
      return [name, readSecret(report, place, name, declared)];
    }),
  );
}

function checkName(report: Report, path: string, name: string, providers: Readonly<Record<string, unknown>>): void {
  const provider = name.startsWith(providerPrefix) ? name.slice(providerPrefix.length) : undefined;
  if (provider === undefined ? namePattern.test(name) : Object.hasOwn(providers, provider)) return;
  const declared = Object.keys(providers).map((each) => `"${providerPrefix}${each}"`);
  const expected =
    provider === undefined ? 'a name such as "stripeKey"' : ["a declared provider", ...declared].join(", ");
  addIssue(report, "secret/name", path, expected, name);
}

function readSecret(report: Report, path: string, name: string, value: unknown): SecretPolicy {
  const fields = readObject(report, path, value, ["source", "at", "lease", "rotate"]) ?? {};
  if (fields.source === undefined)
    addIssue(report, "input/missing", below(path, "source"), sources.join(", "), undefined);
  const source = readChoice(report, below(path, "source"), fields.source, sources, "vault");
  return {
    source,
    at: readPlace(report, below(path, "at"), name, source, fields.at),
    leaseSeconds: readDuration(report, below(path, "lease"), fields.lease, lease.otherwise, lease),
    rotateSeconds:
      fields.rotate === undefined
        ? null
        : readDuration(report, below(path, "rotate"), fields.rotate, rotate.otherwise, rotate),
  };
}

/** In the vault a secret has its own name unless said otherwise; elsewhere somebody else has named it. */
function readPlace(report: Report, path: string, name: string, source: SecretPolicy["source"], value: unknown): string {
  const { pattern, expected } = places[source];
  if (value === undefined && source === "vault") return name.replaceAll(":", "-");
  const isPlace = typeof value === "string" && pattern.test(value) && !value.includes("..");
  if (isPlace) return value;
  addIssue(report, value === undefined ? "input/missing" : "secret/place", path, expected, value);
  return "";
}
