// Where a hosted project is set differently from the policy, as far as `GET /auth/v1/settings` tells. What it does not tell is
// named too: nobody should take silence for agreement.
import type { Policy } from "@holdfast/policy";

export interface HostedDifference {
  /** Place in the policy. */
  readonly path: string;
  readonly policy: string;
  readonly project: string;
  /** `looser`: the project allows what the policy does not. */
  readonly effect: "looser" | "tighter";
}

/** Settings of the policy that a project does not show to anyone; they are its administrator's to compare. */
export const unseenSettings = [
  "identity.password",
  "identity.session",
  "identity.factors",
  "identity.lockout",
  "identity.redirects",
  "identity.linking",
  "identity.oauthServer",
  "identity.email.codeSeconds",
] as const;

type Settings = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Settings =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @param settings what the project answered, unchecked: what is missing counts as off. */
export function hostedDifferences({ identity }: Policy, settings: unknown): readonly HostedDifference[] {
  const told = isRecord(settings) ? settings : {};
  const external = isRecord(told.external) ? told.external : {};
  const on = (value: unknown): boolean => value === true;
  const compare = (path: string, policy: boolean, project: boolean, loosens = true): readonly HostedDifference[] =>
    policy === project
      ? []
      : [{ path, policy: word(policy), project: word(project), effect: project === loosens ? "looser" : "tighter" }];
  const providers = [...new Set([...Object.keys(identity.providers), ...Object.keys(external)])]
    .filter((name) => !["anonymous_users", "email", "phone"].includes(name))
    .sort();
  return [
    ...compare("identity.signUp", identity.signUp === "open", !on(told.disable_signup)),
    ...compare("identity.email.confirm", identity.email.confirm, !on(told.mailer_autoconfirm), false),
    ...compare("identity.phone.signIn", identity.phone.signIn, on(external.phone)),
    ...compare("identity.anonymous", identity.anonymous, on(external.anonymous_users)),
    ...compare("identity.passkeys", identity.passkeys, on(told.passkeys_enabled)),
    ...providers.flatMap((name) =>
      compare(`identity.providers.${name}`, Object.hasOwn(identity.providers, name), on(external[name])),
    ),
    // The policy knows no SAML: whoever comes that way was never decided about.
    ...compare("identity.providers.saml", false, on(told.saml_enabled)),
  ];
}

const word = (value: boolean): string => (value ? "on" : "off");

const timeoutMs = 5_000;
const bytesMax = 65_536;

/** The project's settings. @param apiKey its publishable key, which its edge asks for. @throws Error with what went wrong */
export async function readHostedSettings(url: string, apiKey: string | undefined): Promise<unknown> {
  const response = await fetch(`${url}/auth/v1/settings`, {
    headers: apiKey === undefined ? {} : { apikey: apiKey },
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.status !== 200) throw new Error(`it answered ${response.status}`);
  const text = await response.text();
  if (text.length > bytesMax) throw new Error("it answered too much");
  return JSON.parse(text);
}
