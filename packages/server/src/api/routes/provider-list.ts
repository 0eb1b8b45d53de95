import type { Policy } from "@holdfast/policy";
import type { ApiRoute } from "../api-route.ts";
import type { ProviderList, ProviderView } from "../people-shapes.ts";

/** How people can sign in here, and by which line of the policy. */
export const providerList: ApiRoute = {
  id: "GET /platform/v1/providers",
  handle: ({ policy }): ProviderList => ({ providers: [...ownWays(policy), ...foreignWays(policy)] }),
};

function ownWays({ identity }: Policy): readonly ProviderView[] {
  const way = (name: string, path: string, isOn: boolean, detail: string): ProviderView => ({
    name,
    path,
    isOn,
    detail,
  });
  const { password, email, phone, factors } = identity;
  return [
    way("password", "identity.password", true, `at least ${password.minLength} characters`),
    way("email", "identity.email.signIn", email.signIn, "a code or a link by mail"),
    way("phone", "identity.phone.signIn", phone.signIn, "a code by text message"),
    way("passkey", "identity.passkeys", identity.passkeys, "a passkey alone"),
    way("anonymous", "identity.anonymous", identity.anonymous, "no address at all"),
    way("totp", "identity.factors.totp", factors.totp, "second factor: codes of an application"),
    way("webauthn", "identity.factors.webauthn", factors.webauthn, "second factor: security key or passkey"),
    way("phone code", "identity.factors.phone", factors.phone, "second factor: a code by text message"),
    way(
      "recovery codes",
      "identity.factors.recoveryCodes",
      factors.recoveryCodes,
      "for whoever lost the other factors",
    ),
    way(
      "impersonation",
      "identity.impersonation",
      identity.impersonation,
      "an administrator acts as somebody, for minutes",
    ),
  ];
}

function foreignWays({ identity }: Policy): readonly ProviderView[] {
  return Object.entries(identity.providers).map(([name, { kind, issuer }]) => ({
    name,
    isOn: true,
    path: `identity.providers.${name}`,
    detail: issuer === null ? kind : `${kind}, ${issuer}`,
  }));
}
