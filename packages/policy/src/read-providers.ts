// Where else people may sign in: OAuth 2.0 and OpenID Connect providers. Their secrets are never part of a policy.
import { readExactUrl } from "./exact-url.ts";
import type { ProviderKind, ProviderPolicy } from "./policy.ts";
import {
  addIssue,
  below,
  Found,
  type Report,
  readBoolean,
  readChoice,
  readNames,
  readObject,
  readRecord,
} from "./report.ts";

const providersMax = 32;
const scopesMax = 32;
const namePattern = /^(?:custom:)?[a-z][a-z0-9_-]{0,62}$/;
const clientIdPattern = /^[\x21-\x7e]{1,255}$/;
// RFC 6749 §3.3.
const scopePattern = /^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/;

const kinds: readonly ProviderKind[] = ["google", "github", "apple", "azure", "oidc"];

const appleIdPattern = /^[A-Z0-9]{10}$/;

const scopesByDefault: Readonly<Record<ProviderKind, readonly string[]>> = {
  google: ["email", "openid", "profile"],
  github: ["read:user", "user:email"],
  apple: ["email", "name", "openid"],
  azure: ["email", "openid", "profile"],
  oidc: ["email", "openid", "profile"],
};

/** The providers by the name that `/authorize?provider=` gives. */
export function readProviders(report: Report, value: unknown): Readonly<Record<string, ProviderPolicy>> {
  const path = "identity.providers";
  if (value === undefined) return {};
  const entries = Object.entries(readRecord(report, path, value, "a record of providers") ?? {});
  if (entries.length > providersMax)
    addIssue(report, "input/too-many", path, `at most ${providersMax} providers`, new Found(`${entries.length}`));
  return Object.fromEntries(
    entries
      .slice(0, providersMax)
      .map(([name, provider]) => [name, readProvider(report, below(path, name), name, provider)]),
  );
}

const knownKeys = ["kind", "clientId", "issuer", "scopes", "trustEmail", "teamId", "keyId"];

function readProvider(report: Report, path: string, name: string, value: unknown): ProviderPolicy {
  const fields = readObject(report, path, value, knownKeys) ?? {};
  if (!namePattern.test(name))
    addIssue(report, "provider/name", path, 'a name such as "google" or "custom:work"', name);
  const kind = readChoice(report, below(path, "kind"), fields.kind ?? named(name), kinds, "oidc");
  if (named(name) !== undefined && kind !== name)
    addIssue(report, "provider/kind-mismatch", below(path, "kind"), JSON.stringify(name), kind);
  const { clientId } = fields;
  const known = typeof clientId === "string" && clientIdPattern.test(clientId);
  if (!known) {
    const issue = clientId === undefined ? "input/missing" : "input/wrong-type";
    addIssue(report, issue, below(path, "clientId"), "1 to 255 printable ASCII characters", clientId);
  }
  return {
    kind,
    clientId: known ? clientId : "",
    issuer: readIssuer(report, below(path, "issuer"), kind, fields.issuer),
    scopes: readScopes(report, below(path, "scopes"), kind, fields.scopes),
    trustEmail: readTrust(report, below(path, "trustEmail"), kind, fields.trustEmail),
    signedSecret: readSignedSecret(report, path, kind, fields),
  };
}

/** Only of an issuer that nobody here knows must it be said; of the others it is known. */
function readTrust(report: Report, path: string, kind: ProviderKind, value: unknown): boolean {
  const trusts = readBoolean(report, path, value, false);
  if (trusts && kind !== "oidc")
    addIssue(report, "provider/setting-misplaced", path, 'a provider of kind "oidc"', kind);
  return trusts && kind === "oidc";
}

/** Apple's client secret is a token that lives for months at most; with the key's names it is made here, and renewed. */
function readSignedSecret(
  report: Report,
  path: string,
  kind: ProviderKind,
  { teamId, keyId }: Readonly<Record<string, unknown>>,
): ProviderPolicy["signedSecret"] {
  if (teamId === undefined && keyId === undefined) return null;
  if (kind !== "apple") {
    const key = teamId === undefined ? "keyId" : "teamId";
    addIssue(report, "provider/setting-misplaced", below(path, key), 'a provider of kind "apple"', kind);
    return null;
  }
  const read = (key: string, value: unknown): string => {
    if (typeof value === "string" && appleIdPattern.test(value)) return value;
    const issue = value === undefined ? "input/missing" : "input/wrong-type";
    addIssue(report, issue, below(path, key), "ten capital letters and digits, beside the other one", value);
    return "";
  };
  return { teamId: read("teamId", teamId), keyId: read("keyId", keyId) };
}

/** A provider that bears the name of a kind is of that kind. */
function named(name: string): ProviderKind | undefined {
  return kinds.find((kind) => kind === name && kind !== "oidc");
}

/**
 * The one issuer whose tokens are accepted. It is never taken from a token; where many tenants share a provider (Azure),
 * the policy has to say which one it means (CVE-2026-31813).
 */
function readIssuer(report: Report, path: string, kind: ProviderKind, value: unknown): string | null {
  const isNeeded = kind === "oidc" || kind === "azure";
  if (value === undefined || value === null) {
    if (isNeeded) addIssue(report, "provider/issuer-missing", path, "the issuer's exact URL", value);
    return null;
  }
  return readExactUrl(report, path, value, "no query");
}

function readScopes(report: Report, path: string, kind: ProviderKind, value: unknown): readonly string[] {
  if (value === undefined) return scopesByDefault[kind];
  const scopes = readNames(report, path, value, scopesMax);
  scopes.forEach((scope, index) => {
    if (!scopePattern.test(scope))
      addIssue(report, "input/wrong-type", below(path, index), "a scope token (RFC 6749)", scope);
  });
  return scopes.toSorted();
}
