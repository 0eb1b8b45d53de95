// What each kind of provider is: its issuer where the policy names none, and GitHub's endpoints, which nothing publishes.
import type { ProviderKind, ProviderPolicy } from "@holdfast/policy";

const issuers: Partial<Record<ProviderKind, string>> = {
  google: "https://accounts.google.com",
  apple: "https://appleid.apple.com",
  github: "https://github.com/login/oauth",
};

/** The one issuer whose word counts: the policy's, or the kind's own. Never one that a token names (CVE-2026-31813). */
export function issuerOf({ kind, issuer }: ProviderPolicy): string {
  const pinned = issuer ?? issuers[kind];
  if (pinned === undefined) throw new Error(`A provider of the kind ${kind} needs an issuer.`);
  return pinned;
}

/** Apple sends name and address by form only. */
export const answersByForm = (kind: ProviderKind): boolean => kind === "apple";

export interface GithubEndpoints {
  readonly authorization: string;
  readonly token: string;
  readonly user: string;
  readonly emails: string;
}

/** GitHub's own, or those of a GitHub Enterprise Server whose issuer the policy names (`https://host/login/oauth`). */
export function githubEndpoints(issuer: string): GithubEndpoints {
  const api = issuer === issuers.github ? "https://api.github.com" : `${new URL(issuer).origin}/api/v3`;
  return {
    authorization: `${issuer}/authorize`,
    token: `${issuer}/access_token`,
    user: `${api}/user`,
    emails: `${api}/user/emails`,
  };
}
