// The header fields of every answer, by class of answer: frozen once at boot, so that an answer costs a copy of an array.
import type { Policy } from "@holdfast/policy";
import { browserFeatures } from "@holdfast/policy";

/** What kind of answer a header set is for. `error` is every answer that the gateway writes itself to refuse. */
export type ResponseClass = "html" | "api" | "error" | "asset";

/** Where browsers send reports about the content security policy. */
export const CSP_REPORT_PATH = "/platform/v1/reports/csp";

/** Header fields as flat pairs: name, value, name, value … */
export type HeaderPairs = readonly string[];

export interface ResponseHeaders {
  readonly of: Readonly<Record<ResponseClass, HeaderPairs>>;
  /** The content security policy of a page, for its nonce. */
  readonly pagePolicy: (nonce: string) => string;
  /** The same for a page of identity, whose form may lead on to where the policy lets a session go. */
  readonly identityPagePolicy: (nonce: string) => string;
}

const API_CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Builds the header sets of a policy. */
export function responseHeaders(policy: Policy): ResponseHeaders {
  const everywhere = [
    "strict-transport-security",
    // ASVS 3.4.1. No `preload`: that speaks for the whole domain, which only its owner may (ASVS 3.7.4).
    `max-age=${policy.browser.hstsSeconds}; includeSubDomains`,
    "x-content-type-options",
    "nosniff",
    "referrer-policy",
    "no-referrer",
    "cross-origin-resource-policy",
    "same-origin",
    "x-frame-options",
    "DENY",
    // The auditor this field once controlled could itself be abused; 0 turns what is left of it off (OWASP).
    "x-xss-protection",
    "0",
  ];
  const withoutMarkup = [...everywhere, "content-security-policy", API_CONTENT_POLICY];
  const html = [
    ...everywhere,
    // Only a page has features to be denied; on the answers of an API it would be a kilobyte for nothing.
    "permissions-policy",
    permissionsPolicy(allowedFeatures(policy)),
    "cross-origin-opener-policy",
    "same-origin",
    "origin-agent-cluster",
    "?1",
    "reporting-endpoints",
    `csp="${CSP_REPORT_PATH}"`,
  ];
  const { hosted } = policy.identity;
  // Where accounts live elsewhere, pages sign in there.
  const connect = [...new Set([...policy.browser.connect, ...(hosted === null ? [] : [hosted.url])])];
  return Object.freeze({
    of: Object.freeze({
      html: Object.freeze(html),
      api: Object.freeze(withoutMarkup),
      error: Object.freeze(withoutMarkup),
      asset: Object.freeze(withoutMarkup),
    }),
    pagePolicy: pagePolicy(connect, []),
    identityPagePolicy: pagePolicy(connect, redirectOrigins(policy)),
  });
}

/**
 * Strict CSP (ASVS 3.4.3 level 3): scripts by nonce and what those load, no HTML sinks without Trusted Types. No fallback
 * tokens for browsers that do not know `strict-dynamic`; all that are still supported do.
 */
function pagePolicy(connect: readonly string[], formOrigins: readonly string[]): (nonce: string) => string {
  const before = "default-src 'none'; script-src 'nonce-";
  const between = "' 'strict-dynamic'; style-src 'self' 'nonce-";
  const after = [
    "'; img-src 'self' data:",
    "font-src 'self'",
    ["connect-src 'self'", ...connect].join(" "),
    "manifest-src 'self'",
    "base-uri 'none'",
    ["form-action 'self'", ...formOrigins].join(" "),
    "frame-ancestors 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types app dompurify",
    `report-uri ${CSP_REPORT_PATH}`,
    "report-to csp",
  ].join("; ");
  return (nonce) => before + nonce + between + nonce + after;
}

/** What the policy names, and what its own ways to sign in need. */
function allowedFeatures({ browser, identity }: Policy): readonly string[] {
  const usesWebauthn = identity.passkeys || identity.factors.webauthn;
  const needed = usesWebauthn ? ["publickey-credentials-create", "publickey-credentials-get"] : [];
  return [...browser.features, ...needed];
}

/** Browsers hold `form-action` against the redirect that answers a form too (CSP3 §6.4.2). */
const redirectOrigins = ({ identity }: Policy): readonly string[] => [
  ...new Set(identity.redirects.map((url) => new URL(url).origin)),
];

/** What the policy does not allow is denied. */
function permissionsPolicy(allowed: readonly string[]): string {
  return browserFeatures.map((feature) => `${feature}=(${allowed.includes(feature) ? "self" : ""})`).join(", ");
}
