// GitHub speaks OAuth 2.0 without OpenID Connect: who somebody is stands in its API. An address counts only as GitHub lists it
// among the account's own, primary and verified; the one on the profile is whatever its owner wrote there.
import type { GuardedFetch } from "../egress/guarded-fetch.ts";
import type { GithubEndpoints } from "./provider-endpoints.ts";
import type { Claims } from "./upstream-identity.ts";

const ok = 200;

async function ask(url: string, token: string, fetch: GuardedFetch): Promise<unknown> {
  const headers = {
    accept: "application/vnd.github+json",
    authorization: `Bearer ${token}`,
    "user-agent": "holdfast",
  };
  const response = await fetch(url, { headers });
  if (response.status !== ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
  return await response.json();
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export async function readGithubPerson(
  endpoints: GithubEndpoints,
  token: string,
  fetch: GuardedFetch,
): Promise<Claims> {
  const person = await ask(endpoints.user, token, fetch);
  const emails = await ask(endpoints.emails, token, fetch);
  const primary = Array.isArray(emails) ? emails.filter(isRecord).find((one) => one.primary === true) : undefined;
  const { email: _unverified, sub: _foreign, ...claims } = isRecord(person) ? person : {};
  return { ...claims, email: primary?.email, email_verified: primary?.verified === true };
}
