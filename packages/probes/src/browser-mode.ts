// Sign-in as a browser does it: tokens in `__Host-` cookies, requests with Fetch Metadata.
import type { Account } from "./accounts.ts";
import type { Answer } from "./edge-client.ts";
import type { ProbeSession } from "./session.ts";

/** The headers a page of ours sends with a change. */
export function sameOrigin(session: ProbeSession): Record<string, string> {
  return {
    origin: session.target.origin,
    "sec-fetch-site": "same-origin",
    "sec-fetch-mode": "cors",
    "sec-fetch-dest": "empty",
  };
}

/** Password sign-in in browser mode. The cookies become secrets of the run. */
export async function signInAsBrowser(
  session: ProbeSession,
  account: Account,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const answer = await session.ask({
    method: "POST",
    path: "/auth/v1/token?grant_type=password",
    headers: { "x-use-cookie": "session", ...sameOrigin(session), ...headers },
    body: { email: account.email, password: account.password },
    // Counted by this account, so that browsers of the run do not use up the address's sign-ins.
    bearer: account.accessToken,
  });
  for (const value of Object.values(cookiesOf(answer).values)) session.redaction.hide(value, "cookie");
  return answer;
}

export interface Cookies {
  /** Value by name. */
  readonly values: Readonly<Record<string, string>>;
  /** Attributes by name, lower case, for example `["path=/", "secure"]`. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** As a request sends them. */
  readonly header: string;
}

/** The cookies that an answer sets. */
export function cookiesOf(answer: Answer): Cookies {
  const lines = [answer.headers["set-cookie"] ?? []].flat();
  const parsed = lines.map((line) => {
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
    const equals = pair.indexOf("=");
    return {
      name: pair.slice(0, equals),
      value: pair.slice(equals + 1),
      attributes: attributes.map((attribute) => attribute.toLowerCase()),
    };
  });
  return {
    values: Object.fromEntries(parsed.map(({ name, value }) => [name, value])),
    attributes: Object.fromEntries(parsed.map(({ name, attributes }) => [name, attributes])),
    header: parsed.map(({ name, value }) => `${name}=${value}`).join("; "),
  };
}
